using System.Text;
using Agent.Sync.Push.Batches;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Settling;

/// <summary>Inserts of a key whose row is soft-deleted on the server: the row becomes live again, with the inserted values.</summary>
/// <remarks>To the app a deleted row does not exist, so this is not a conflict. A deleted row that has every inserted value does not mean that the insert has arrived.</remarks>
internal static class Revival
{
    /// <summary>Tells whether a change is an insert that left the server's row deleted.</summary>
    public static bool IsNeeded(in PendingChange change, in ChangeOutcome outcome) =>
        change.Kind == ChangeKind.Insert
        && outcome.Server is { } server
        && server.Dataset.DeletedOrdinal is { } deleted
        && server.Dataset.PushedOrdinals.Contains(deleted)
        && !change.Columns.Contains(server.Dataset.Columns[deleted].Name)
        && !server.GetCell(outcome.ServerRow, deleted).IsNull;

    /// <summary>Returns an insert's values with those that make the row live, as a JSON object.</summary>
    public static ReadOnlyMemory<byte> ValuesOf(in PendingChange change, Dataset dataset)
    {
        var row = change.Row.Span;
        var name = dataset.Columns[dataset.DeletedOrdinal!.Value].Name;
        return (byte[])[.. row[..row.LastIndexOf((byte)'}')], .. Encoding.UTF8.GetBytes($",\"{name}\":null}}")];
    }
}
