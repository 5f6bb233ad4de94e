using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Generators.Tests;

/// <summary>An engine against the double.</summary>
internal static class TestServer
{
    public static SyncEngine Build(PostgrestDouble server, ILocalStore store, Action<SyncEngineBuilder> addDatasets)
    {
        var builder = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = PostgrestDouble.Url;
                options.ApiKey = PostgrestDouble.ApiKey;
                options.AccessTokenProvider = (_, _) => new(new AccessToken(server.CreateToken("user-1")));
            })
            .UseLocalStore(store)
            .UseHttpMessageHandler(server);
        addDatasets(builder);
        return builder.Build();
    }
}
