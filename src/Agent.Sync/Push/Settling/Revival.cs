using System.Text;
using Agent.Sync.Push.Batches;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Settling;

/// <summary>Inserts of a key whose row is soft-deleted on the server: the row is to live again, with what was inserted.</summary>
/// <remarks>Where the app edits a deleted row is no row. So this is no conflict, and a server that finds every inserted value in the dead row has not taken the insert.</remarks>
internal static class Revival
{
    /// <summary>Tells whether a change is an insert that left the server's row deleted.</summary>
    public static bool IsNeeded(in PendingChange change, in Verdict verdict) =>
        change.Kind == ChangeKind.Insert
        && verdict.Server is { } server
        && server.Dataset.DeletedOrdinal is { } deleted
        && server.Dataset.PushedOrdinals.Contains(deleted)
        && !change.Columns.Contains(server.Dataset.Columns[deleted].Name)
        && !server.GetCell(verdict.ServerRow, deleted).IsNull;

    /// <summary>Returns an insert's values with those that make the row live, as a JSON object.</summary>
    public static ReadOnlyMemory<byte> ValuesOf(in PendingChange change, Dataset dataset)
    {
        var row = change.Row.Span;
        var name = dataset.Columns[dataset.DeletedOrdinal!.Value].Name;
        return (byte[])[.. row[..row.LastIndexOf((byte)'}')], .. Encoding.UTF8.GetBytes($",\"{name}\":null}}")];
    }
}
