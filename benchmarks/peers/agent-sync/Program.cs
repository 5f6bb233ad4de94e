using Agent.Sync;
using Agent.Sync.Sqlite;
using Peers;

// Agent.Sync as an app uses it: one run, one direction, then the end of the process. Verbs: pull, pull-default with a page size that nobody fixed, push.
var job = PeerJob.Read(args);
AccessToken token = new(job.Token);

await using var engine = new SyncEngineBuilder()
    .Configure(options =>
    {
        options.Url = job.Url;
        options.ApiKey = job.ApiKey;
        options.AllowInsecureLoopback = true;
        options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(token);
        if (job.Verb != "pull-default")
        {
            options.PageSize = job.PageSize;
        }

        options.RateLimit.RequestsPerSecond = 100_000;
        options.RateLimit.Burst = 10_000;
    })
    .UseSqlite(job.File)
    .AddDataset(Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid)
        .Column("type", ColumnType.Text)
        .Column("name", ColumnType.Text)
        .Column("content", ColumnType.Text)
        .Column("metadata", ColumnType.Json)
        .Version("version")
        .Column("owner_id", ColumnType.Uuid)
        .UpdatedAt("updated_at")
        .DeletedAt("deleted_at"))
    .Build();

var result = await engine.SyncAsync(new SyncRequest { Direction = job.Verb == "push" ? SyncDirection.Push : SyncDirection.Pull });
result.EnsureCompleted();
PeerReport.Write(job.Verb == "push" ? result.Pushed : result.Applied);
