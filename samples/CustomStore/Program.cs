using Agent.Sync;
using CustomStore;
using QuickStart;

// A project of your own, by environment variables, or the repository's local backend, which has no HTTPS.
await using var project = await Project.OpenAsync();
var folder = Path.ChangeExtension(project.Database, ".json.d");
if (project.IsNew && Directory.Exists(folder))
{
    Directory.Delete(folder, recursive: true);
}

using var session = new SupabaseSession(new SupabaseSessionOptions { Url = project.Url, ApiKey = project.Key, AllowInsecureLoopback = true });
await session.SignInAsync(project.Email, project.Password);

// Rows in one place, checkpoints in another: the engine writes the rows first.
JsonLinesStore store = new(folder);
await using var engine = new SyncEngineBuilder()
    .UseSession(session)
    .UseLocalStore(store)
    .UseCheckpointStore(new FileCheckpointStore(Path.Combine(folder, "checkpoints")))
    .AddDataset(Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid)
        .Column("name", ColumnType.Text)
        .Version("version").UpdatedAt("updated_at").DeletedAt("deleted_at"))
    .Build();

SyncResult result = await engine.SyncAsync();

Console.WriteLine(result);
Console.WriteLine($"{store.ReadRows("artifacts").Count()} rows are in {store.PathOf("artifacts")}");
