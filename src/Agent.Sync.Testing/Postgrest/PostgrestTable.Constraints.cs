using System.Text;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing;

public sealed partial class PostgrestTable
{
    private readonly HashSet<string> _notNull = new(StringComparer.Ordinal);
    private readonly List<(string Name, string[] Columns)> _unique = [];
    private readonly List<(string Name, Func<string, string?> Check)> _checks = [];
    private readonly List<(string Name, string Column, PostgrestTable Parent)> _foreignKeys = [];
    private readonly List<(string Name, string Column, PostgrestTable Child)> _references = [];

    /// <summary>Gets or sets a value indicating whether updates move the cursor column. The default is true; false is a table without a trigger, which only a default stamps.</summary>
    public bool MovesCursor { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether updates raise the version column. The default is true.</summary>
    public bool MovesVersion { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether signed-in users may write to the table. The default is true; false answers 42501.</summary>
    public bool IsWritable { get; set; } = true;

    /// <summary>Forbids nulls: a request that writes one is answered with 23502.</summary>
    /// <param name="columns">The columns.</param>
    /// <returns>This table.</returns>
    public PostgrestTable AddNotNull(params string[] columns) => Constrain(() => _notNull.UnionWith(columns.Where(name => OrdinalOf(name) >= 0)));

    /// <summary>Forbids two rows of the same values: a request that writes one is answered with 23505. Nulls are never the same.</summary>
    /// <param name="name">The constraint's name.</param>
    /// <param name="columns">The columns.</param>
    /// <returns>This table.</returns>
    public PostgrestTable AddUnique(string name, params string[] columns) => Constrain(() => _unique.Add((name, columns)));

    /// <summary>Looks at every row that a request writes, as a check constraint or an app's trigger does.</summary>
    /// <param name="name">The constraint's name.</param>
    /// <param name="check">Takes the row as a JSON object and returns the SQLSTATE that refuses it, such as <c>23514</c>, <c>P0001</c> or <c>PT404</c>; null lets it pass. A request that meets <c>40001</c> is never answered, as PostgREST 14 runs it again and again. It runs under the double's lock.</param>
    /// <returns>This table.</returns>
    public PostgrestTable AddCheck(string name, Func<string, string?> check) => Constrain(() => _checks.Add((name, check)));

    /// <summary>Requires a parent row: a request that breaks it from either side is answered with 23503.</summary>
    /// <param name="name">The constraint's name.</param>
    /// <param name="column">The column here; null needs no parent.</param>
    /// <param name="parent">The table whose one key column it refers to.</param>
    /// <returns>This table.</returns>
    public PostgrestTable AddForeignKey(string name, string column, PostgrestTable parent) => Constrain(() =>
    {
        ArgumentNullException.ThrowIfNull(parent);
        _foreignKeys.Add((name, column, parent));
        parent._references.Add((name, column, this));
    });

    /// <summary>Refuses a row that breaks a constraint.</summary>
    /// <param name="row">The row as it would be.</param>
    /// <param name="old">The row it replaces; null for a new one.</param>
    internal void RequireConstraints(TableRow row, TableRow? old)
    {
        RequireOwnConstraints(row);
        RequireOtherRows(row, old);
    }

    /// <summary>Refuses a row for what it holds itself, as PostgreSQL does before it looks for a row of the same key.</summary>
    internal void RequireOwnConstraints(TableRow row)
    {
        foreach (var name in _notNull.Union(_key).Where(name => row.Values[OrdinalOf(name)] is null))
        {
            throw Violation(400, "23502", name);
        }

        foreach (var (name, check) in _checks)
        {
            if (check(Render(row, Enumerable.Range(0, _columns.Count))) is { } code)
            {
                throw Violation(PostgrestStatus.Of(code), code, name);
            }
        }
    }

    internal void RequireNoReferences(TableRow row)
    {
        var key = SqlValue.TextOf(row.Json[OrdinalOf(_key[0])]);
        foreach (var (name, column, child) in _references)
        {
            var ordinal = child.OrdinalOf(column);
            if (child._rows.Values.Any(other => !ReferenceEquals(other, row) && other.Values[ordinal] is not null && SqlValue.TextOf(other.Json[ordinal]) == key))
            {
                throw Violation(409, "23503", name);
            }
        }
    }

    private void RequireOtherRows(TableRow row, TableRow? old)
    {
        foreach (var (name, columns) in _unique)
        {
            var values = UniqueValues(row, columns);
            if (values is not null && _rows.Values.Any(other => !ReferenceEquals(other, old) && UniqueValues(other, columns) == values))
            {
                throw Violation(409, "23505", name);
            }
        }

        foreach (var (name, column, parent) in _foreignKeys)
        {
            if (row.Values[OrdinalOf(column)] is not null && !IsItself(row, column, parent) && !parent.Has([SqlValue.TextOf(row.Json[OrdinalOf(column)])]))
            {
                throw Violation(409, "23503", name);
            }
        }
    }

    private static PostgrestFailure Violation(int status, string code, string constraint) =>
        new(status, code, "the row breaks a constraint") { Constraint = constraint };

    private bool IsItself(TableRow row, string column, PostgrestTable parent) =>
        ReferenceEquals(parent, this) && SqlValue.TextOf(row.Json[OrdinalOf(column)]) == SqlValue.TextOf(row.Json[OrdinalOf(_key[0])]);

    private string? UniqueValues(TableRow row, string[] columns)
    {
        var texts = columns.Select(OrdinalOf).Select(ordinal => row.Values[ordinal] is null ? null : Encoding.UTF8.GetString(row.Json[ordinal])).ToList();
        return texts.Contains(null) ? null : KeyOf(texts!);
    }

    private PostgrestTable Constrain(Action add)
    {
        lock (_server.Gate)
        {
            add();
        }

        return this;
    }
}
