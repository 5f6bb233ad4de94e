using Agent.Sync.Tests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Tests.Docs;

public sealed class ReadmeTests
{
    [Fact]
    public async Task Register_AsTheReadmeShows_GivesAnEngineAndItsSession()
    {
        var services = new ServiceCollection().AddSingleton<IConfigureOptions<SyncOptions>>(TestOptions.NoEnvironment);
        ReadmeSnippets.Register(services, TestOptions.Dataset("artifacts"));
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        Assert.NotNull(provider.GetRequiredService<ISyncEngine>());
        Assert.Null(provider.GetRequiredService<SupabaseSession>().UserId);
    }
}
