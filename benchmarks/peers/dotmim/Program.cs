using Dotmim.Sync;
using Dotmim.Sync.PostgreSql;
using Dotmim.Sync.Sqlite;
using Npgsql;
using Peers;

// Dotmim.Sync, straight from the database: its provider on PostgreSQL, its provider on SQLite. One call goes both ways.
var job = PeerJob.Read(args);
Uri url = new(job.Database!);
NpgsqlConnectionStringBuilder server = new()
{
    Host = url.Host,
    Port = url.Port,
    Username = url.UserInfo.Split(':')[0],
    Password = url.UserInfo.Split(':')[1],
    Database = url.AbsolutePath.TrimStart('/'),
};
SyncAgent agent = new(new SqliteSyncProvider(job.File), new NpgsqlSyncProvider(server.ToString()));
var result = await agent.SynchronizeAsync(new SyncSetup("artifacts_dotmim"));
PeerReport.Write(job.Verb == "push" ? result.TotalChangesAppliedOnServer : result.TotalChangesAppliedOnClient);
