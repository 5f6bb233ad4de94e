using Agent.Sync.ShapeTests.Dressing;
using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Running;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Oracles;

/// <summary>What a device changed on the server, somebody had edited on that device.</summary>
internal static class AuditOracle
{
    public static void Judge(ShapeRun run, IReadOnlyList<AuditEntry> entries)
    {
        foreach (var entry in entries.Where(entry => entry.Device > 0 && !run.Devices[entry.Device - 1].Asked.Contains((entry.Table, entry.Key))))
        {
            var table = run.Shape.Tables.First(table => table.Name == entry.Table);
            var edits = run.AllEdits.Where(edit => edit.Device == entry.Device && edit.Table == entry.Table && edit.Key == entry.Key && edit.After < entry.Sequence && !(edit.DiscardedAfter < entry.Sequence)).ToList();
            if (entry.New is null)
            {
                Require(edits.Exists(static edit => edit.New is null), entry, "deleted it");
                continue;
            }

            if (entry.Old is null)
            {
                // A new row overwrites nothing: it is sent as the app's table has it, local defaults and all.
                Require(edits.Exists(static edit => edit.New is not null), entry, $"inserted {entry.New}");
                continue;
            }

            foreach (var column in table.Columns)
            {
                var (old, now) = (entry.Old[column.Name], entry.New[column.Name]);
                if (old == now || !IsUnasked(run, entries, entry, edits, column, now))
                {
                    continue;
                }

                throw Unasked(entry, $"{column.Name} from {Row.Show(old)} to {Row.Show(now)}");
            }
        }
    }

    /// <summary>Whether the value is one that nobody edited.</summary>
    private static bool IsUnasked(ShapeRun run, IReadOnlyList<AuditEntry> entries, AuditEntry entry, List<Edit> edits, ShapeColumn column, string? now)
    {
        switch (column.Role)
        {
            case ColumnRole.Cursor or ColumnRole.Version or ColumnRole.Generated or ColumnRole.Key:
                return false;
            case ColumnRole.Deleted when now is null && IsWhole(run) && run.Devices[entry.Device - 1].Touched.Contains((entry.Table, entry.Key)):
                // The app wrote the row, if only the same JSON in another form: under client-wins the row is the app's again.
                return false;
            case ColumnRole.Deleted:
                return !edits.Exists(edit => now is null ? edit.New is not null : edit.New is null);
            case ColumnRole.Undeclared:
                return true;
            default:
                break;
        }

        if (edits.Exists(edit => edit.New?.TryGetValue(column.Name, out var value) == true && value == now))
        {
            return false;
        }

        // What a trigger of the app's wrote into pulled rows is found after a rebuild, like anything else that differs: docs/local-store.md.
        var device = run.Devices[entry.Device - 1];
        var isDressed = device.Dressed.Contains((entry.Table, column.Name));
        if (isDressed && device.Rebuilt.Contains(entry.Table))
        {
            return false;
        }

        // docs/adr/0031: a trigger that the store's own writes fire, and that writes into another row whose edit waits, is not seen.
        if (isDressed && now == AppTriggers.Touched && edits.Count > 0)
        {
            return false;
        }

        // Where the server's writes leave the version as it is, a row that the device has not read looks like one that its app edited. The run says so (RemoteSchema).
        var standsStill = !run.Shape.Tables.First(table => table.Name == entry.Table).MovesCursor;
        return !((IsWhole(run) || standsStill) && entries.Any(other => other.Sequence < entry.Sequence && other.Table == entry.Table && other.Key == entry.Key && other.New is not null && other.New[column.Name] == now));
    }

    // Without the kit, client-wins upserts whole rows: docs/push.md says that columns nobody touched are written too.
    private static bool IsWhole(ShapeRun run) => !run.Shape.Kit && run.Shape.Policy != ConflictPolicy.ServerWins;

    private static void Require(bool condition, AuditEntry entry, string what)
    {
        if (!condition)
        {
            throw Unasked(entry, what);
        }
    }

    private static ShapeFailureException Unasked(AuditEntry entry, string what) =>
        new("nothing changed by nobody", $"device {entry.Device} changed {entry.Table} {entry.Key} on the server, which nobody had asked for: {what}");
}
