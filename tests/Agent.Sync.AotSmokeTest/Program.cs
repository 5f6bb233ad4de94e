using System.Runtime.CompilerServices;
using Agent.Sync;
using Agent.Sync.AotSmokeTest;
using BackendHost;
using Microsoft.Data.Sqlite;

// The exit code is the verdict: an app that runs with a JIT has not tested what this project is for.
if (RuntimeFeature.IsDynamicCodeSupported)
{
    return 1;
}

const int Rows = 1_000;
var folder = Directory.CreateTempSubdirectory("agent-sync-aot-");
try
{
    await using var backend = await LocalBackendHost.StartAsync();
    var seeded = await backend.SeedAsync(new SeedOptions { Rows = Rows });
    using var session = new SupabaseSession(new SupabaseSessionOptions
    {
        Url = backend.Url,
        ApiKey = backend.PublishableKey,
        AllowInsecureLoopback = true,
    });
    await session.SignInAsync(seeded.Users[0].Email, new SeedOptions().Password);

    var file = Path.Combine(folder.FullName, "artifacts.db");
    var (result, read) = await Pull.RunAsync(backend, session, file);
    Console.WriteLine($"{result.Outcome}: {result.Applied} rows in {result.Duration.TotalMilliseconds:F0} ms, peak memory {result.PeakMemoryBytes / 1_000_000} MB");

    await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
    await connection.OpenAsync();
    await using var count = connection.CreateCommand();
    count.CommandText = "SELECT COUNT(*) FROM artifacts WHERE owner_id = $owner";
    count.Parameters.AddWithValue("$owner", seeded.Users[0].Id);
    return result.Outcome == SyncOutcome.Completed && read == Rows && Convert.ToInt64(await count.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture) == Rows ? 0 : 1;
}
finally
{
    folder.Delete(recursive: true);
}
