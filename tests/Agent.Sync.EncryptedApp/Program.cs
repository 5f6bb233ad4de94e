using System.Globalization;
using Agent.Sync;
using Agent.Sync.EncryptedApp;
using Agent.Sync.Sqlite;
using Agent.Sync.Testing;
using Microsoft.Data.Sqlite;

// COMMAND DATABASE [LIBRARY KEY [COUNT]]
var (command, database) = (args[0], args[1]);
var (library, key) = args.Length > 3 ? (args[2], args[3]) : (null, null);
if (library is not null)
{
    CipherLibrary.Use(library, isHollow: command == "prepare-hollow");
}

switch (command)
{
    // Says what the store says.
    case "prepare" or "prepare-hollow":
        await using (var store = new SqliteStore(new SqliteStoreOptions { DatabasePath = database, Key = key is null ? null : _ => new(key) }))
        {
            try
            {
                await store.PrepareAsync(NotesServer.Notes, CancellationToken.None);
                Console.WriteLine("prepared");
            }
            catch (SyncStoreException exception)
            {
                Console.WriteLine($"{exception.Kind}: {exception.Message}");
            }
        }

        return 0;

    // Syncs, says how far it is, and waits there to be killed.
    case "sync-half":
        var rows = int.Parse(args[4], CultureInfo.InvariantCulture);
        using (NotesServer server = new(rows))
        await using (var engine = server.EngineOf(database, _ => new(key)).Build())
        {
            await engine.SyncAsync(new RecordingProgress
            {
                OnReport = progress =>
                {
                    if (progress.Completed >= rows / 2)
                    {
                        Console.WriteLine($"at {progress.Completed}");
                        new ManualResetEvent(false).WaitOne();
                    }
                },
            });
        }

        return 1;

    // Edits a note as an app does.
    case "edit":
        await using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Password = key, Pooling = false }.ToString()))
        {
            await connection.OpenAsync();
            await using SqliteCommand edit = new("UPDATE notes SET body = 'edited elsewhere' WHERE id = 1", connection);
            return await edit.ExecuteNonQueryAsync() == 1 ? 0 : 1;
        }

    default:
        return 2;
}
