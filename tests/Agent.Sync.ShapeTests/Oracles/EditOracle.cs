using Agent.Sync.ShapeTests.Dressing;
using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Running;

namespace Agent.Sync.ShapeTests.Oracles;

/// <summary>Each edit reached the server, was overtaken by a later write there, or is named among the changes that the device keeps.</summary>
internal static class EditOracle
{
    public static async Task JudgeAsync(ShapeRun run, IReadOnlyList<AuditEntry> entries)
    {
        foreach (var device in run.Devices)
        {
            var kept = (await run.NamedAsync(device)).Kept.Select(static change => (change.Table, change.Key)).ToHashSet();
            foreach (var row in run.Edits.Where(edit => edit.Device == device.Number).GroupBy(static edit => (edit.Table, edit.Key)).Where(group => !kept.Contains(group.Key) && !IsMovedRowThatIsGone(run, group.First(), entries)))
            {
                Judge(run, run.Shape.Tables.First(table => table.Name == row.Key.Table).Deleted?.Name, [.. row], [.. entries.Where(entry => (entry.Table, entry.Key) == row.Key)]);
            }
        }
    }

    private static void Judge(ShapeRun run, string? deleted, List<Edit> edits, List<AuditEntry> entries)
    {
        var isDead = false;
        var later = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = edits.Count - 1; index >= 0 && !isDead; index--)
        {
            var edit = edits[index];
            if (edit.New is null)
            {
                // What came before a delete is gone with it; what came after made the row anew.
                isDead = true;
                // A delete that no trigger saw is undone where the store cannot tell it from a row that never came: docs/local-store.md.
                if (index == edits.Count - 1 && !edit.IsUnrecorded && !WasDeleted(deleted, edit, entries) && !IsOvertaken(run, edit, entries))
                {
                    throw Lost(edit, "the row is still there");
                }

                continue;
            }

            if (edit.Old is null && !entries.Exists(entry => entry.New is not null && (entry.Sequence > edit.After || IsState(entry, edit, entries))) && !IsOvertaken(run, edit, entries))
            {
                throw Lost(edit, "the row never came to the server");
            }

            foreach (var (column, value) in edit.Changed.Where(pair => !later.Contains(pair.Key) && !edit.Forgotten.Contains(pair.Key)))
            {
                if (!Stood(edit, column, value, entries) && !IsOvertaken(run, edit, entries) && !IsTouched(run, edit, column, entries) && !IsTakenBack(edits, edit, column, value))
                {
                    throw Lost(edit, $"{column} never was {Row.Show(value)} there");
                }
            }

            later.UnionWith(edit.Changed.Select(static pair => pair.Key));
        }
    }

    // The server deleted a row whose key the app changed while nothing recorded it. docs/local-store.md: under ServerWins it is taken for a row that was deleted there.
    private static bool IsMovedRowThatIsGone(ShapeRun run, Edit edit, IReadOnlyList<AuditEntry> entries) =>
        edit is { IsUnrecorded: true, Old: null } && run.Shape.Policy == ConflictPolicy.ServerWins
        && run.Edits.Any(other => other.New is null && (other.Device, other.Step, other.Table) == (edit.Device, edit.Step, edit.Table)
            && entries.Any(entry => entry.New is null && entry.Table == other.Table && entry.Key == other.Key && entry.Device != edit.Device));

    // docs/adr/0031: a trigger that the store's own writes fire, and that writes into another row, is not seen.
    private static bool IsTouched(ShapeRun run, Edit edit, string column, List<AuditEntry> entries) =>
        run.Devices[edit.Device - 1].Dressed.Contains((edit.Table, column)) && entries.Exists(entry => entry.Sequence > edit.After && entry.Device == edit.Device && entry.New?[column] == AppTriggers.Touched);

    private static bool IsState(AuditEntry entry, Edit edit, List<AuditEntry> entries) => entries.FindLast(other => other.Sequence <= edit.After) == entry;

    private static bool WasDeleted(string? deleted, Edit edit, List<AuditEntry> entries) =>
        entries.FindLast(entry => entry.Sequence <= edit.After) is not { } state || IsGone(deleted, state) || entries.Exists(entry => entry.Sequence > edit.After && IsGone(deleted, entry));

    private static bool IsGone(string? deleted, AuditEntry entry) => entry.New is null || (deleted is not null && entry.New[deleted] is not null);

    /// <summary>Whether the server's row had the value when it was edited here, or later.</summary>
    private static bool Stood(Edit edit, string column, string? value, List<AuditEntry> entries) =>
        entries.Exists(entry => (entry.Sequence > edit.After || IsState(entry, edit, entries)) && entry.New?[column] == value && entry.New is not null);

    /// <summary>
    /// Whether somebody else wrote the row after the device last read it: then the policy decides, and may decide for the other. Without the SQL kit no
    /// run tells of a real delete, so the device may never have known.
    /// </summary>
    private static bool IsOvertaken(ShapeRun run, Edit edit, List<AuditEntry> entries) =>
        entries.Exists(entry => (entry.Sequence > edit.Known || (!run.Shape.Kit && entry.New is null && IsState(entry, edit, entries))) && entry.Device != edit.Device
            && (run.Shape.Policy != ConflictPolicy.LocalWins || (edit.New is null && entry.New is not null))
            // An insert meets another one of its key: two rows, of which a policy may not drop one. The app's own resolver may, and a single uuid is one row's alone (docs/adr/0020).
            && !(edit.Old is null && entry.Old is null && run.Shape.Policy != ConflictPolicy.Resolver && !IsOneRows(run, edit)));

    private static bool IsOneRows(ShapeRun run, Edit edit) => run.Shape.Tables.First(table => table.Name == edit.Table).Keys is [{ Type: ColumnType.Uuid }];

    /// <summary>Whether the value is the one that the row had before edits of the same time between two runs: together they changed nothing.</summary>
    private static bool IsTakenBack(List<Edit> edits, Edit edit, string column, string? value) =>
        edits.Find(earlier => earlier.Known == edit.Known && earlier.New?.ContainsKey(column) == true) is { Old: { } before } && before.GetValueOrDefault(column) == value;

    private static ShapeFailureException Lost(Edit edit, string how) => new("no edit lost", $"{edit}: {how}");
}
