using Agent.Sync;
using BackendHost;
using EfCore;
using Microsoft.Data.Sqlite;

// The repository's local backend stands for a Supabase project. It has no HTTPS.
await using var backend = await LocalBackendHost.StartAsync(new LocalBackendOptions { Log = Console.Error.WriteLine });
SeedOptions seed = new() { Rows = 0, Projects = 0 };
await backend.SeedAsync(seed);
using SupabaseSession session = new(new SupabaseSessionOptions { Url = backend.Url, ApiKey = backend.PublishableKey, AllowInsecureLoopback = true });
await session.SignInAsync(seed.Users[0], seed.Password);

var folder = Directory.CreateTempSubdirectory("agent-sync-efcore-");
await using (var phone = await Device.OpenAsync("phone", folder.FullName, session))
await using (var laptop = await Device.OpenAsync("laptop", folder.FullName, session))
{
    // The first sync takes the table over: from then on every edit is recorded, whoever makes it.
    await phone.SyncAsync();
    await laptop.SyncAsync();

    // A row that the phone writes reaches the laptop.
    Artifact plan = new() { Id = Guid.NewGuid(), Name = "Plan", Size = 10 };
    await phone.SaveAsync(plan);
    await phone.SyncAsync();
    await laptop.SyncAsync();
    await laptop.ShowAsync();

    // Both edit it before either syncs: the server has the first one that arrives, and the policy decides (here the default, ServerWins).
    await phone.EditAsync(plan.Id, static artifact => artifact.Name = "Plan of the phone");
    await laptop.EditAsync(plan.Id, static artifact => artifact.Name = "Plan of the laptop");
    await phone.SyncAsync();
    await laptop.SyncAsync();
    await laptop.ShowAsync();

    // The server refuses a size below zero. The edit stays, with its reason, and a person decides.
    await laptop.EditAsync(plan.Id, static artifact => artifact.Size = -1);
    await laptop.SyncAsync();
    await foreach (var change in laptop.Engine.ReadChangesAsync("artifacts", ChangeState.Quarantined))
    {
        var rows = await laptop.Engine.ReadChangeRowsAsync("artifacts", change.Id);
        Console.WriteLine($"laptop asks       {change.Describe()}");
        Console.WriteLine($"                  yours: {rows.ReadLocal<Artifact>()?.Size} bytes, the server's: {rows.ReadServer<Artifact>()?.Size} bytes. You take the server's.");
        await laptop.Engine.DiscardChangesAsync("artifacts", [change.Id]);
    }

    await laptop.SyncAsync();
    await laptop.ShowAsync();
}

SqliteConnection.ClearAllPools();
folder.Delete(recursive: true);
