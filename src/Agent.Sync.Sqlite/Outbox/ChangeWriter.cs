using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Values;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Writes a change as it is sent: its key, the version that the edit started from, and the row's columns, each as JSON. Holds one change at a time.</summary>
/// <param name="plan">The dataset's plan.</param>
/// <param name="sql">Where the statement that reads changes has its columns.</param>
/// <param name="spelling">Tells values in a form of the app's own.</param>
/// <param name="unread">The columns that were not read yet: what they hold is no edit.</param>
/// <param name="wholeRows">Whether an update has every column.</param>
internal sealed class ChangeWriter(DatasetPlan plan, TakeSql sql, KeySpelling spelling, IReadOnlySet<int> unread, bool wholeRows) : IDisposable
{
    private readonly StoredJson _json = new(plan.Dataset);
    private readonly ColumnSets _columns = new(plan.Dataset);
    private int _keyEnd;
    private int _versionEnd;

    /// <summary>Gets how many bytes were written.</summary>
    public int Length => _json.Length;

    public ReadOnlySpan<byte> Key => _json.Written[.._keyEnd];

    public ReadOnlySpan<byte> Version => _json.Written[_keyEnd.._versionEnd];

    public ReadOnlySpan<byte> Row => _json.Written[_versionEnd..];

    /// <summary>Gets the columns of the row.</summary>
    public IReadOnlyList<string> Columns => _columns.Get();

    /// <summary>Gets the position of the column that was written last: the one that does not fit, when writing failed.</summary>
    public int Last { get; private set; }

    /// <summary>Gets a value indicating whether a key or a uuid is in a form of the app's own.</summary>
    public bool HasForeign { get; private set; }

    /// <summary>Writes a change.</summary>
    /// <returns>False when a value does not fit its column.</returns>
    public bool TryWrite(SqliteStatement change, ChangeKind kind)
    {
        Begin();
        if (!TryWriteKey(change))
        {
            return false;
        }

        _keyEnd = _json.Length;
        Last = plan.VersionOrdinal;
        if (kind != ChangeKind.Insert && !_json.TryWriteBare(plan.VersionOrdinal, change, sql.BaseVersion))
        {
            return false;
        }

        _versionEnd = _json.Length;
        return kind == ChangeKind.Delete || TryWriteColumns(change, kind);
    }

    /// <summary>Writes a change's row alone.</summary>
    /// <returns>False when a value does not fit its column.</returns>
    public bool TryWriteRow(SqliteStatement change, ChangeKind kind)
    {
        Begin();
        return TryWriteColumns(change, kind);
    }

    /// <summary>Returns whether the local row differs from the base in a column that may be sent.</summary>
    public bool Differs(SqliteStatement change)
    {
        foreach (var column in sql.Pushed)
        {
            if (IsChanged(change, column))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _json.Dispose();

    private static bool IsChanged(SqliteStatement change, PushedColumn column) => column.Differs is { } differs && change.Int64(differs) != 0;

    private void Begin()
    {
        _json.Clear();
        _columns.Clear();
        (_keyEnd, _versionEnd, HasForeign) = (0, 0, false);
    }

    private bool TryWriteKey(SqliteStatement change)
    {
        _json.StartObject();
        for (var i = 0; i < plan.KeyOrdinals.Length; i++)
        {
            Last = plan.KeyOrdinals[i];
            if (!_json.TryWrite(Last, change, TakeSql.FirstKey + i))
            {
                return false;
            }

            RecordForeign(change, Last, TakeSql.FirstKey + i);
        }

        _json.EndObject();
        return true;
    }

    private bool TryWriteColumns(SqliteStatement change, ChangeKind kind)
    {
        _json.StartObject();
        foreach (var column in sql.Pushed)
        {
            if (!IsSent(change, kind, column))
            {
                continue;
            }

            Last = column.Ordinal;
            _columns.Add(column.Ordinal);
            if (!_json.TryWrite(column.Ordinal, change, column.Value, isUntouched: kind == ChangeKind.Update && !IsChanged(change, column)))
            {
                return false;
            }

            RecordForeign(change, column.Ordinal, column.Value);
        }

        _json.EndObject();
        return true;
    }

    private void RecordForeign(SqliteStatement change, int ordinal, int column) => HasForeign = HasForeign || spelling.IsForeign(change, column, ordinal);

    // A whole row leaves out columns that were not read yet: the app never wrote them.
    private bool IsSent(SqliteStatement change, ChangeKind kind, PushedColumn column) => kind == ChangeKind.Insert
        ? !change.IsNull(column.Value) || WasEmptied(change, column)
        : IsChanged(change, column) || (wholeRows && !unread.Contains(column.Ordinal) && !MayBeNaN(change, column));

    // An insert leaves NULL out, so that the server's default applies, but not where the app took a value away again.
    private bool WasEmptied(SqliteStatement change, PushedColumn column) => !unread.Contains(column.Ordinal) && column.Mark?.IsSet(change) == true;

    // SQLite has no NaN: an untouched null may be NaN on the server, and must not overwrite it.
    private bool MayBeNaN(SqliteStatement change, PushedColumn column) =>
        plan.Dataset.Columns[column.Ordinal].Type == ColumnType.Double && change.IsNull(column.Value);
}
