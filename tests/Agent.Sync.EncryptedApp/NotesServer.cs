using System.Globalization;
using Agent.Sync.Sqlite;
using Agent.Sync.Testing;

namespace Agent.Sync.EncryptedApp;

/// <summary>A server of notes, the same in every process, and engines that sync them into an encrypted file.</summary>
public sealed class NotesServer : IDisposable
{
    /// <summary>A word of every note, for which the files are searched.</summary>
    public const string Canary = "canary-of-every-note";

    private readonly PostgrestDouble _double = new(TimeProvider.System);

    public NotesServer(int rows)
    {
        Table = _double.AddTable(Notes);
        Table.MovesCursor = false;
        for (var id = 1; id <= rows; id++)
        {
            Table.Insert(string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"body":"{{Canary}} {{id}}","version":1,"updated_at":"2026-01-01T00:00:00+00:00"}"""));
        }

        Table.MovesCursor = true;
    }

    public static Dataset Notes { get; } = Dataset.Define("notes")
        .Key("id", ColumnType.Integer).Column("body", ColumnType.Text).Version("version").UpdatedAt("updated_at").Build();

    public PostgrestTable Table { get; }

    public SyncEngineBuilder EngineOf(string database, Func<CancellationToken, ValueTask<string?>>? key) => new SyncEngineBuilder()
        .Configure(options =>
        {
            options.Url = PostgrestDouble.Url;
            options.ApiKey = PostgrestDouble.ApiKey;
            options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_double.CreateToken("user")));
            options.Commit.Interval = TimeSpan.Zero;
            options.Datasets.Add(Notes);
        })
        .UseSqlite(database, options => options.Key = key)
        .UseHttpMessageHandler(_double);

    public void Dispose() => _double.Dispose();
}
