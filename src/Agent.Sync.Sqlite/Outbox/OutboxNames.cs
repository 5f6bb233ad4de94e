using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>The names in a dataset's outbox, and the pieces that its statements are made of.</summary>
/// <remarks>
/// A row of the outbox is a change: <c>k_*</c> its key, <c>b_*</c> the server's row that the edit started from, <c>s_*</c> a newer row
/// of the server that a pull brought meanwhile. The columns have no declared type, so that every value stays as the table has it.
/// <c>state</c> says whether it is in flight; of one key there may be one that is, and one that is not.
/// <c>sent</c> is what was handed out of a change in flight, as JSON.
/// <c>edited_*</c> marks the columns that the edits touched, one bit each: a column may be gone before the edit is sent.
/// In every statement <c>o</c> is a change, <c>f</c> the edit that waits behind it while it is in flight, <c>a</c> the change in flight of the same key, <c>t</c> the local row,
/// and <c>s</c> a key that the resync under way has seen.
/// What the edit made of the row is in the local table itself; once an edit waits behind a change in flight, what was
/// sent is that edit's base.
/// </remarks>
internal sealed class OutboxNames
{
    public const string Prefix = Names.Prefix + "outbox_";

    /// <summary>The state of a change that waits or lies in quarantine.</summary>
    public const int Open = 0;

    /// <summary>The state of a change in flight.</summary>
    public const int InFlight = 1;

    /// <summary>What <c>has_server</c> says when a pull brought a row.</summary>
    public const int ServerRow = 1;

    /// <summary>What <c>has_server</c> says when the server's row is gone.</summary>
    public const int ServerGone = 2;

    /// <summary>Assignments that make a change wait (again); its operation id is made when it is taken.</summary>
    public const string WaitAgain = "code = NULL, constraint_name = NULL, rejected_at = NULL, kind = NULL, operation = NULL, found = NULL";

    /// <summary>Assignments that put a change in flight back. It has no code then, unless an edit that nothing recorded became a part of it.</summary>
    public const string PutBack = "state = 0, operation = NULL, kind = CASE WHEN code IS NULL THEN NULL ELSE 1 END";

    /// <summary>What <c>found</c> says of an edit that nothing recorded, until the resync that found it is complete.</summary>
    public const int Found = 1;

    /// <summary>
    /// Says of a change that its base is the server's row, or was recorded while the triggers were whole. One that was recorded while a search for unrecorded edits
    /// is under way starts from a row that may hold some of them.
    /// </summary>
    public const string IsCompared = "compared";

    /// <summary>How many marks one column of the outbox has room for.</summary>
    public const int MarksPerColumn = 60;

    public OutboxNames(Dataset dataset)
        : this(dataset, [])
    {
    }

    /// <param name="dataset">The dataset.</param>
    /// <param name="moreValues">Columns of the local table that an earlier shape of the dataset had.</param>
    public OutboxNames(Dataset dataset, IEnumerable<string> moreValues)
    {
        LocalName = dataset.LocalTable;
        Keys = [.. Names.Keys(dataset)];
        Values = [.. dataset.Columns.Select(static column => column.LocalName).Concat(moreValues).Distinct(StringComparer.OrdinalIgnoreCase).Except(Keys, StringComparer.OrdinalIgnoreCase)];
    }

    public string LocalName { get; }

    public string TableName => TableOf(LocalName);

    /// <summary>Gets the outbox's table, quoted.</summary>
    public string Table => Names.Quote(TableName);

    /// <summary>Gets the local table, quoted.</summary>
    public string Local => Names.Quote(LocalName);

    public IReadOnlyList<string> Keys { get; }

    /// <summary>Gets the columns that do not belong to the key.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Gets the local table's columns, key first.</summary>
    public string LocalColumns => Names.List(Keys.Concat(Values));

    public string KeyColumns => string.Join(", ", Keys.Select(Key));

    /// <summary>Returns the name of a local table's outbox.</summary>
    public static string TableOf(string localTable) => Prefix + localTable;

    public static string Key(string column) => Names.Quote($"k_{column}");

    public static string Base(string column) => Names.Quote($"b_{column}");

    public static string Server(string column) => Names.Quote($"s_{column}");

    public static string Edited(int index) => $"edited_{index}";

    /// <summary>Writes the condition that an edit touched a column.</summary>
    /// <param name="alias">The outbox in the statement, with its dot; empty where there is only one.</param>
    /// <param name="number">The column's number.</param>
    public static string HasEdited(string alias, int number) => $"(({alias}{Edited(number / MarksPerColumn)} >> {number % MarksPerColumn}) & 1)";

    /// <summary>Writes the condition that the base of a change that is not in flight may hold edits that nothing recorded.</summary>
    /// <param name="alias">The outbox in the statement, with its dot; empty where there is only one.</param>
    public static string IsBaseUncompared(string alias) => $"{alias}state = {Open} AND {alias}has_base = 1 AND {alias}{IsCompared} IS NULL";

    /// <summary>Writes a list of columns, one for each value column.</summary>
    public string ValueList(Func<string, string> write) => string.Concat(Values.Select(column => $", {write(column)}"));

    /// <summary>Writes the condition that a change has a key, given as an expression per key column.</summary>
    /// <param name="alias">The outbox in the statement, with its dot; empty where there is only one.</param>
    /// <param name="value">The expression for a key column.</param>
    /// <remarks>The outbox's column stands to the left, so that keys are compared byte by byte whatever the local column's collation is.</remarks>
    public string HasKey(string alias, Func<string, string> value) => string.Join(" AND ", Keys.Select(key => $"{alias}{Key(key)} = {value(key)}"));

    /// <summary>Writes the condition that a change in <paramref name="alias"/> is about the row of the local table in <paramref name="local"/>.</summary>
    public string IsAbout(string alias, string local) => HasKey(alias, key => $"{local}.{Names.Quote(key)}");

    /// <summary>Writes the condition that an edit waits behind a change in flight.</summary>
    /// <param name="edit">The edit, with its dot.</param>
    /// <param name="change">The change, with its dot.</param>
    public string IsBehind(string edit, string change) => $"{edit}state = {Open} AND {HasKey(edit, key => $"{change}{Key(key)}")}";

    /// <summary>Writes the condition that no change of the same key is in flight.</summary>
    /// <param name="change">The change that waits, with its dot.</param>
    public string HasNoneInFlight(string change) => $"NOT EXISTS (SELECT 1 FROM {Table} a WHERE a.state = {InFlight} AND {HasKey("a.", key => $"{change}{Key(key)}")})";

    /// <summary>Writes the statement that gives the local row other values where the app has not edited it.</summary>
    /// <param name="value">The expression for a column's other value.</param>
    /// <param name="condition">The condition that <c>o</c> is the change whose base the app started from.</param>
    /// <remarks>For a change that gets a new base: a column that kept its old value would be sent as an edit, over the server's.</remarks>
    public string MergeLocal(Func<string, string> value, string condition) => MergeLocal(Values, value, condition);

    /// <summary>As above, for some of the columns.</summary>
    public string MergeLocal(IEnumerable<string> columns, Func<string, string> value, string condition)
    {
        var assignments = columns.Select(column =>
            $"{Names.Quote(column)} = CASE WHEN {Local}.{Names.Quote(column)} IS o.{Base(column)} COLLATE BINARY THEN {value(column)} ELSE {Local}.{Names.Quote(column)} END");
        return $"UPDATE {Local} SET {string.Join(", ", assignments)} FROM {Table} o WHERE {condition} AND {IsAbout("o.", Local)}";
    }

    /// <summary>Writes the assignments of a local row's value columns.</summary>
    public string Assign(Func<string, string> target, Func<string, string> value) =>
        string.Join(", ", Values.Select(column => $"{target(column)} = {value(column)}"));
}
