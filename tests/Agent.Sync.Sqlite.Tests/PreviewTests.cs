using System.Security.Cryptography;
using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Sqlite.Tests;

/// <summary>What an apply would do, told without doing it: the file is the same, byte for byte.</summary>
public sealed class PreviewTests : StoreTest
{
    private const string Later = "2026-02-01T00:00:00+00:00";

    [Fact]
    public async Task PreviewAsync_NoFile_MakesNone()
    {
        var preview = await PreviewAsync(Note(1, "one"));

        Assert.Equal((0L, false), (preview.LocalRows, preview.State.HasRows));
        Assert.Empty(Directory.GetFileSystemEntries(DirectoryPath));
    }

    [Fact]
    public async Task PreviewAsync_RowsOfEveryKind_CountsWhatAnApplyDoesThen()
    {
        await StartAsync(Notes, Note(1, "one"), Note(2, "two"), Note(3, "three"), Note(4, "four"));
        Execute("UPDATE notes SET body = 'mine' WHERE id = 2");
        Execute("DELETE FROM notes WHERE id = 4");
        Store.Dispose();
        var before = Hash();
        string[] rows = [Note(1, "one"), Note(2, "theirs", Later), Note(3, "new", Later), Note(4, "theirs too", Later), Note(5, "five", Later)];

        using var store = OpenStore();
        using var page = PageOf(Notes, rows);
        var preview = (await store.PreviewAsync(new ApplyBatch(Notes, [page], null, null), Token))!;
        store.Dispose();
        Assert.Equal(before, Hash());

        using var again = OpenStore();
        var result = await ApplyAsync(again, Notes, null, rows);
        Assert.Equal(result, preview.Result);
        Assert.Equal((new ApplyResult(2, 3, 0), 2L, 2L), (preview.Result, preview.LocalRows, preview.Contested));
        Assert.True(preview.State.HasRows);
    }

    [Fact]
    public async Task PreviewAsync_Tombstones_CountsTheRowsThatTheyRemove()
    {
        var rows = Notes.Sequenced();
        var tombstones = rows.Tombstones("agent_sync", "notes");
        await Store.PrepareAsync(rows, Token);
        await ApplyAsync(rows, Sequenced(1, 10), Sequenced(2, 20));
        using var page = PageOf(tombstones, """{"id":1,"sync_seq":15}""", """{"id":2,"sync_seq":15}""", """{"id":3,"sync_seq":15}""");

        var preview = (await Store.PreviewAsync(new ApplyBatch(tombstones, [page], null, null) { AreTombstones = true }, Token))!;

        Assert.Equal((new ApplyResult(0, 2, 1), 2L), (preview.Result, preview.LocalRows));
        Assert.Equal(2L, Scalar("SELECT count(*) FROM notes"));

        static string Sequenced(int id, int sequence) => Note(id, "n").Replace("}", $",\"sync_seq\":{sequence}}}", StringComparison.Ordinal);
    }

    /// <summary>A column that is new, a row that a constraint refuses, a trigger of the app's: nothing of it stays.</summary>
    [Fact]
    public async Task PreviewAsync_ColumnToAddAndRowToPark_LeavesNeither()
    {
        await StartAsync(Notes, Note(1, "one"));
        Execute("CREATE TABLE seen (id); CREATE TRIGGER app AFTER INSERT ON notes BEGIN INSERT INTO seen VALUES (new.id); END; CREATE UNIQUE INDEX one_body ON notes (body)");
        var wider = SampleDatasets.Of("notes", "body").Column("extra", ColumnType.Text).Build();
        using var page = PageOf(wider, Wide(2, "one"), Wide(3, "three"));
        var schema = Scalar("SELECT group_concat(sql) FROM sqlite_schema");

        var preview = (await Store.PreviewAsync(new ApplyBatch(wider, [page], null, null), Token))!;

        Assert.Equal((1L, 1L), (preview.Result.Applied, preview.Result.Parked));
        Assert.NotNull(preview.State.Reread);
        Assert.Equal(schema, Scalar("SELECT group_concat(sql) FROM sqlite_schema"));
        Assert.Equal((1L, 0L, 0L), (Scalar("SELECT count(*) FROM notes"), Scalar("SELECT count(*) FROM seen"), Scalar("SELECT count(*) FROM agent_sync_parked")));

        // What the app writes afterwards is recorded as ever.
        Execute("UPDATE notes SET body = 'mine' WHERE id = 1");
        Assert.Equal(1, (await Store.CountChangesAsync(Notes, Token)).Waiting);

        static string Wide(int id, string body) => Note(id, body, Later).Replace("}", ",\"extra\":\"x\"}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DryRun_LeavesTheFilesBytes(bool wasSynced)
    {
        using var server = new PostgrestDouble(TimeProvider.System);
        var table = server.AddTable(Notes);
        table.Insert(Note(1, "one"));
        if (wasSynced)
        {
            await using var first = EngineOf(server).UseSqlite(FilePath).Build();
            await first.SyncAsync(cancellationToken: Token);
            Execute("UPDATE notes SET body = 'mine' WHERE id = 1; INSERT INTO notes (id, body) VALUES (7, 'mine too')");
        }

        table.Insert("""{"id":2,"body":"two"}""");
        var before = Hash();
        SyncResult result;
        await using (var engine = EngineOf(server).UseSqlite(FilePath).Build())
        {
            result = await engine.SyncAsync(new SyncRequest { DryRun = true }, cancellationToken: Token);
        }

        Assert.Equal(before, Hash());
        Assert.Equal(wasSynced ? (1L, 2L) : (2L, 0L), (result.Applied, result.Pushed));
    }

    private async Task<ApplyPreview> PreviewAsync(params string[] rows)
    {
        using var page = PageOf(Notes, rows);
        return (await Store.PreviewAsync(new ApplyBatch(Notes, [page], null, null), Token))!;
    }

    /// <summary>Returns what the files hold; the log and the index beside the database are gone when nobody has it open.</summary>
    private string Hash() => string.Join(
        ", ",
        Directory.GetFiles(DirectoryPath).Order(StringComparer.Ordinal).Select(static file => $"{Path.GetFileName(file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"));
}
