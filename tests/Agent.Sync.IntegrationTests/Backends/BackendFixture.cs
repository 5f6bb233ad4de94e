using Agent.Sync.IntegrationTests.Verify;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>The backends that all tests share. Every test signs up users of its own, so that none sees another's rows.</summary>
public sealed class BackendFixture : IAsyncLifetime
{
    /// <summary>What a hosted project answers at most.</summary>
    public const int UsualMaxRows = 1_000;

    /// <summary>Below every page size that the tests of the cap ask for, and no divisor of it.</summary>
    public const int SmallMaxRows = 37;

    /// <summary>The life of <see cref="Short"/>'s tokens: whole seconds, as the backend counts.</summary>
    public static readonly TimeSpan ShortJwtExpiry = TimeSpan.FromSeconds(2);

    private readonly SharedBackend _small = new(new LocalBackendOptions { MaxRows = SmallMaxRows });
    private readonly SharedBackend _short = new(new LocalBackendOptions { JwtExpiry = ShortJwtExpiry });
    private readonly SharedBackend _exact = new(new LocalBackendOptions(), ExactTables.CreateAsync);
    private readonly SharedBackend _plain = new(new LocalBackendOptions { Kit = false }, static async backend =>
    {
        await PushTables.CreateAsync(backend);
        await DeclaredTables.CreateAsync(backend);
        await VerifyTables.CreateAsync(backend, kit: false);
    });
    private Backend? _main;

    /// <summary>Gets the backend with the usual settings and the special tables.</summary>
    public Backend Main => _main ?? throw new InvalidOperationException("The backend is not running.");

    /// <summary>Gets <see cref="Main"/>, which has the SQL kit, or the backend without it, which starts at first use.</summary>
    public Task<Backend> GetAsync(bool kit) => kit ? Task.FromResult(Main) : _plain.GetAsync();

    /// <summary>Starts the backend whose answers are cut early, at first use.</summary>
    public Task<Backend> GetSmallAsync() => _small.GetAsync();

    /// <summary>Starts the backend whose tokens end soon, at first use.</summary>
    public Task<Backend> GetShortAsync() => _short.GetAsync();

    /// <summary>Starts the backend for tests that hold its horizon back, truncate its tables or change its SQL kit, at first use.</summary>
    public Task<Backend> GetExactAsync() => _exact.GetAsync();

    /// <summary>Starts the backend that has no SQL kit, at first use.</summary>
    public Task<Backend> GetWithoutKitAsync() => _plain.GetAsync();

    public async ValueTask InitializeAsync()
    {
        _main = await Backend.StartAsync(new LocalBackendOptions());
        await PushTables.CreateAsync(_main);
        await PushTables.EnableKitAsync(_main);
        await DeclaredTables.CreateAsync(_main);
        await DeclaredTables.EnableKitAsync(_main);
        await VerifyTables.CreateAsync(_main, kit: true);
        await SpecialTables.CreateAsync(_main);
    }

    public async ValueTask DisposeAsync()
    {
        await _small.DisposeAsync();
        await _short.DisposeAsync();
        await _exact.DisposeAsync();
        await _plain.DisposeAsync();
        if (_main is not null)
        {
            await _main.DisposeAsync();
        }
    }
}
