using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Running;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Oracles;

/// <summary>Only what somebody edited is in quarantine, and what the server refused, it refuses.</summary>
internal static class QuarantineOracle
{
    public static async Task JudgeAsync(ShapeRun run)
    {
        foreach (var device in run.Devices)
        {
            foreach (var kept in (await run.NamedAsync(device)).Kept)
            {
                // docs/local-store.md: after a rebuild nobody can tell who changed a row that differs from a newer one of the server, and the store asks.
                var isUnrecorded = !IsRefused(kept) && device.Rebuilt.Contains(kept.Table);
                // A row that REPLACE wrote lost what it had in a column that the table no longer has: it is kept, since the app may have meant it.
                var isReplaced = kept.Change.Code == "column_gone" && device.Touched.Contains((kept.Table, kept.Key));
                if (!isUnrecorded && !isReplaced && !device.Asked.Contains((kept.Table, kept.Key)) && !run.Edits.Any(edit => edit.Device == device.Number && edit.Table == kept.Table && edit.Key == kept.Key))
                {
                    throw new ShapeFailureException("no quarantine of what nobody edited", $"device {device.Number} keeps a change of a row that it never edited: {kept}");
                }
            }
        }
    }

    /// <summary>Sends again what the server refused: what another row stood in the way of may go up now.</summary>
    /// <returns>How many changes were sent again.</returns>
    public static async Task<int> RetryAsync(ShapeRun run)
    {
        var retried = 0;
        foreach (var device in run.Devices)
        {
            foreach (var group in (await run.NamedAsync(device)).Kept.Where(IsRefused).GroupBy(static kept => kept.Table))
            {
                long[] changes = [.. group.Select(static kept => kept.Change.Id)];
                await device.UseAsync(KillSwitch.Never, engine => engine.RetryChangesAsync(group.Key, changes));
                run.Note($"(retry) device {device.Number}: {string.Join("; ", group)}");
                retried += changes.Length;
            }
        }

        return retried;
    }

    /// <summary>Asks the server whether it refuses what lies in quarantine with a code of the server's.</summary>
    public static async Task JudgeReasonsAsync(ShapeRun run)
    {
        foreach (var device in run.Devices)
        {
            foreach (var kept in (await run.NamedAsync(device)).Kept.Where(IsRefused))
            {
                var table = run.Shape.Tables.First(table => table.Name == kept.Table);
                var local = (await device.File.RowsAsync(table)).FirstOrDefault(row => row.KeyOf(table) == kept.Key);
                var server = (await run.Server.ReadAsync(table)).FirstOrDefault(row => row.KeyOf(table) == kept.Key);
                // An insert is sent as one, which no server takes while the key is another row's: docs/push.md.
                var isTaken = kept.Change.Kind == ChangeKind.Insert && server is not null;
                if (!isTaken && WriteOf(table, device, local, server) is { } write && await run.Server.AcceptsAsync(write))
                {
                    throw new ShapeFailureException("no quarantine without a reason", $"device {device.Number} keeps {kept}, but the server takes: {write}");
                }
            }
        }
    }

    /// <summary>Whether the code is a SQLSTATE, not one of the library's own.</summary>
    private static bool IsRefused(KeptChange kept) => kept.Change is { State: ChangeState.Quarantined, Code: { Length: 5 } code } && code.All(static c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c));

    /// <summary>Makes the server's row what the device's is; null where they are the same, or where it would be another kind of write.</summary>
    private static RowWrite? WriteOf(ShapeTable table, ShapeDevice device, Row? local, Row? server)
    {
        Row KeyOf(Row row) => new(table.Keys.Select(key => KeyValuePair.Create(key.Name, row[key.Name])));
        if (local is null)
        {
            return server is null || table.Deleted is not null ? null : new RowWrite(table, KeyOf(server), null);
        }

        var columns = table.Columns.Where(column => column.IsWritten && device.Declares(column) && local.ContainsKey(column.Name));
        if (server is null)
        {
            return new RowWrite(table, null, new Row(columns.Where(column => local[column.Name] is not null).Select(column => KeyValuePair.Create(column.Name, local[column.Name]))));
        }

        var changed = new Row(columns.Where(column => local[column.Name] != Canonical.SeenLocally(column.Type, server[column.Name])).Select(column => KeyValuePair.Create(column.Name, local[column.Name])));
        return changed.Count == 0 ? null : new RowWrite(table, KeyOf(server), changed);
    }
}
