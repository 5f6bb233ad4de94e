using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;

namespace Agent.Sync.Sqlite.Applying;

/// <summary>The statements of <see cref="HeldRows"/>. Parameter n is column n of the dataset, the last one the change's number. For aliases see <see cref="OutboxNames"/>.</summary>
internal sealed class HeldRowsSql
{
    private readonly OutboxNames _names;
    private readonly Dictionary<string, string> _parameters;
    private readonly string _id;
    private readonly string _isNewer;
    private readonly string _isBaseAgain;
    private readonly string _isRow;

    public HeldRowsSql(DatasetPlan plan, bool isResync, IReadOnlySet<string> unread)
    {
        _names = new OutboxNames(plan.Dataset);
        _parameters = plan.Dataset.Columns.Select(static (column, ordinal) => (column.LocalName, Parameter: $"?{ordinal + 1}"))
            .ToDictionary(static column => column.LocalName, static column => column.Parameter, StringComparer.OrdinalIgnoreCase);
        _id = $"?{plan.Binders.Length + 1}";
        var version = plan.Dataset.Columns[plan.VersionOrdinal].LocalName;
        var (atBase, arriving) = (OutboxNames.Base(version), _parameters[version]);
        var replacesBase = plan.ReplacesOlder(Arriving, OutboxNames.Base);

        // What a resync brings is what the server has now, whatever its version.
        _isNewer = isResync ? $"CASE WHEN has_server = 0 AND has_base = 1 THEN ({atBase} IS NOT {arriving} OR {replacesBase}) ELSE 1 END" : $"""
            CASE WHEN has_server = {OutboxNames.ServerRow} THEN {plan.ReplacesOlder(Arriving, OutboxNames.Server)}
            WHEN has_base = 1 THEN {replacesBase} ELSE 1 END
            """;

        _isRow = BaseRows.IsNoRemoval(plan, Arriving);

        // A base that was read before the version column was asked for is this very row if all else is equal.
        var rest = string.Concat(_names.Values.Where(column => column != version && !unread.Contains(column)).Select(column => $" AND {OutboxNames.Base(column)} IS {_parameters[column]}"));
        var isCompleted = $"({atBase} IS NULL{rest})";
        _isBaseAgain = $"has_server = 0 AND has_base = 1 AND {(isResync ? $"({atBase} IS {arriving} OR {isCompleted})" : isCompleted)}";
    }

    /// <summary>Keeps the server's newer row beside the base.</summary>
    public string Learn =>
        $"UPDATE {_names.Table} SET has_server = {OutboxNames.ServerRow}, {_names.Assign(OutboxNames.Server, Arriving)} WHERE id = {_id} AND {_isNewer}";

    /// <summary>Keeps the server's row beside an insert: another row has its key, and as its base it would make an edit of that one.</summary>
    public string LearnUnbased => $"{Learn} AND has_base = 0";

    /// <summary>Makes the server's newer row the base.</summary>
    public string Rebase =>
        $"UPDATE {_names.Table} SET has_server = 0, {_names.Assign(OutboxNames.Base, Arriving)} WHERE id = {_id} AND has_base = 1 AND {_isNewer}";

    /// <summary>Reads the base again, since columns may have been added to it.</summary>
    public string RefreshBase =>
        $"UPDATE {_names.Table} SET {_names.Assign(OutboxNames.Base, Arriving)} WHERE id = {_id} AND {_isBaseAgain}";

    /// <summary>Gives the local row the base's values where the app did not edit it: a column that is new would be sent as an edit to null.</summary>
    public string RefreshLocal => MergeLocal(_isBaseAgain);

    /// <summary>Gives the local row the server's newer values where the app did not edit it.</summary>
    public string RebaseLocal => MergeLocal($"has_base = 1 AND {_isNewer}{_isRow}");

    private string MergeLocal(string condition) => _names.MergeLocal(Arriving, $"o.id = {_id} AND {condition}");

    private string Arriving(string column) => _parameters[column];
}
