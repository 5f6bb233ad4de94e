using BackendHost;

[assembly: AssemblyFixture(typeof(Agent.Sync.Supabase.Tests.LocalBackendFixture))]

namespace Agent.Sync.Supabase.Tests;

/// <summary>The backend that all tests share. Each test has users of its own.</summary>
public sealed class LocalBackendFixture : IAsyncLifetime
{
    public const string Password = "correct-horse-battery";

    private LocalBackendHost? _host;

    public LocalBackendHost Host => _host ?? throw new InvalidOperationException("The backend is not running.");

    public async ValueTask InitializeAsync() => _host = await LocalBackendHost.StartAsync(new LocalBackendOptions());

    /// <summary>Makes a user with rows, and returns the address.</summary>
    public async Task<string> SignUpAsync(int rows)
    {
        var email = $"{Guid.NewGuid():N}@example.test";
        await Host.SeedAsync(new SeedOptions { Users = [email], Password = Password, Rows = rows, Projects = 0, ContentBytes = 10 });
        return email;
    }

    public global::Supabase.Client CreateClient() => new(Host.Url.AbsoluteUri.TrimEnd('/'), Host.PublishableKey);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }
}
