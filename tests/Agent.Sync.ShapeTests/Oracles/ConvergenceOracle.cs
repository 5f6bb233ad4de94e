using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Running;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Oracles;

/// <summary>A device's table is what the user may see on the server, but for the rows whose changes the device names.</summary>
internal static class ConvergenceOracle
{
    /// <param name="run">The run, in which nothing moves any more.</param>
    /// <param name="isFull">Whether the last runs read everything: without the SQL kit only those learn of a real delete.</param>
    public static async Task JudgeAsync(ShapeRun run, bool isFull)
    {
        var entries = await run.Server.AuditAsync();
        foreach (var table in run.Shape.Tables)
        {
            var server = (await run.Server.ReadAsync(table)).Where(row => table.Deleted is null || table.MarksDeleted || row[table.Deleted.Name] is null)
                .ToDictionary(row => row.KeyOf(table)!, StringComparer.Ordinal);
            foreach (var device in run.Devices)
            {
                var named = (await run.NamedAsync(device)).KeysOf(table.Name);
                await CompareAsync(run, table, device, server, named, entries, isFull);
            }
        }
    }

    private static async Task CompareAsync(ShapeRun run, ShapeTable table, ShapeDevice device, Dictionary<string, Row> server, HashSet<string> named, IReadOnlyList<AuditEntry> entries, bool isFull)
    {
        var local = new Dictionary<string, Row>(StringComparer.Ordinal);
        foreach (var row in await device.File.RowsAsync(table))
        {
            if (row.KeyOf(table) is { } key && !local.TryAdd(key, row))
            {
                throw Differs(device, table, key, "is there twice on the device");
            }
        }

        foreach (var key in server.Keys.Union(local.Keys).Where(key => !named.Contains(key)))
        {
            var (theirs, mine) = (server.GetValueOrDefault(key), local.GetValueOrDefault(key));
            if (mine is null)
            {
                throw Differs(device, table, key, $"is on the server and not on the device: {theirs}");
            }

            if (theirs is null)
            {
                if (isFull || run.Shape.Kit)
                {
                    throw Differs(device, table, key, $"is on the device and not on the server: {mine}");
                }

                continue;
            }

            if (!run.Shape.Kit && table.Version is not null && IsMadeAnew(entries, table, key))
            {
                continue;
            }

            if (!isFull && !run.Shape.Kit && !table.MovesCursor && IsUpdated(entries, table, key))
            {
                continue;
            }

            foreach (var column in table.Columns.Where(column => device.Declares(column) && !device.Dressed.Contains((table.Name, column.Name))))
            {
                var expected = Canonical.SeenLocally(column.Type, theirs[column.Name]);
                var got = mine.TryGetValue(column.Name, out var value) ? value : "(no such column)";
                if (expected != got)
                {
                    throw Differs(device, table, key, $"{column.Name} is {Row.Show(expected)} on the server and {Row.Show(got)} on the device");
                }
            }
        }
    }

    // Without the SQL kit a row that was really deleted and made anew under its key may count its versions from 1 again: it is taken for an older
    // one. docs/push.md says so, and for which keys it does not matter.
    private static bool IsMadeAnew(IReadOnlyList<AuditEntry> entries, ShapeTable table, string key) =>
        entries.Any(entry => entry.Table == table.Name && entry.Key == key && entry.New is null);

    // Where the server does not move the cursor, no delta brings an update. The device that sends one is told (docs/adr/0021); of the server's own writes nothing tells.
    private static bool IsUpdated(IReadOnlyList<AuditEntry> entries, ShapeTable table, string key) =>
        entries.Any(entry => entry.Table == table.Name && entry.Key == key && entry.Old is not null);

    private static ShapeFailureException Differs(ShapeDevice device, ShapeTable table, string key, string how) =>
        new("convergence", $"device {device.Number}, {table.Name} {key}: {how}");
}
