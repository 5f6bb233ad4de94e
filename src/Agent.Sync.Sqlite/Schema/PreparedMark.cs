using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Configuration;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Schema;

/// <summary>
/// Remembers what a local table was prepared for last: the dataset, the options, this build of the library, and the whole schema of the file. While all of them
/// are the same, and no edits may be missing, preparing it again would change nothing. Runs in the caller's transaction.
/// </summary>
internal sealed class PreparedMark(SqliteDatabase database, CheckedOptions options, Dataset dataset)
{
    private readonly string _name = $"prepared_{dataset.LocalTable}";

    /// <summary>Returns whether preparing the table would change nothing.</summary>
    public bool Stands() =>
        OutboxRegistry.Read(database, dataset.LocalTable) is null or RecordingGap.None
        && string.Equals(TableRegistry.Read(database, dataset.Name), dataset.LocalTable, StringComparison.Ordinal)
        && IsWritten(Compute());

    /// <summary>Writes the mark of a table that was just prepared.</summary>
    public void Write()
    {
        var mark = Compute();
        if (IsWritten(mark))
        {
            return;
        }

        using var statement = database.Prepare("INSERT OR REPLACE INTO agent_sync_meta (name, value) VALUES (?1, ?2)");
        statement.Bind(1, _name);
        statement.BindBlob(2, mark);
        statement.Run();
    }

    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> text)
    {
        // Length-prefixed, so that ("ab", "c") and ("a", "bc") differ.
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        hash.AppendData(length);
        hash.AppendData(text);
    }

    private bool IsWritten(ReadOnlySpan<byte> mark)
    {
        using var statement = database.Prepare("SELECT value FROM agent_sync_meta WHERE name = ?1");
        statement.Bind(1, _name);
        return statement.Step() && statement.IsBlob(0) && statement.Bytes(0).SequenceEqual(mark);
    }

    private byte[] Compute()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Encoding.UTF8.GetBytes(Describe()));
        using var statement = database.Prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema");
        while (statement.Step())
        {
            for (var column = 0; column < 4; column++)
            {
                Add(hash, statement.Bytes(column));
            }
        }

        return hash.GetHashAndReset();
    }

    private string Describe()
    {
        // Another build may write other triggers.
        var text = new StringBuilder(typeof(PreparedMark).Module.ModuleVersionId.ToString());
        Add(dataset.Name);
        Add(dataset.LocalTable);
        Add(options.UuidFormat.ToString());
        text.Append(options.RecordChanges).Append(options.CreateMissingTables);
        foreach (var column in dataset.Columns)
        {
            Add(column.Name);
            Add(column.LocalName);
            text.Append((int)column.Type).Append(';');
        }

        Add(string.Join(',', dataset.KeyOrdinals));
        Add(string.Join(',', dataset.PushedOrdinals));
        text.Append(dataset.CursorOrdinal).Append(';').Append(dataset.VersionOrdinal).Append(';').Append(dataset.DeletedOrdinal);
        return text.ToString();

        void Add(string value) => text.Append(value.Length).Append(':').Append(value);
    }
}
