using Agent.Sync;
using Agent.Sync.Sqlite;
using QuickStart;

// A project of your own, by environment variables, or the repository's local backend, which has no HTTPS.
await using var project = await Project.OpenAsync();

using var session = new SupabaseSession(new SupabaseSessionOptions { Url = project.Url, ApiKey = project.Key, AllowInsecureLoopback = true });
await session.SignInAsync(project.Email, project.Password);

await using var engine = new SyncEngineBuilder()
    .UseSession(session)
    .UseSqlite(project.Database)
    .AddDataset(Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid)
        .Column("name", ColumnType.Text)
        .Version("version").UpdatedAt("updated_at").DeletedAt("deleted_at"))
    .Build();

SyncResult result = await engine.SyncAsync(new Progress<SyncProgress>(p => Console.WriteLine(p)));

Console.WriteLine(result);
Console.WriteLine($"The rows are in {project.Database}");
