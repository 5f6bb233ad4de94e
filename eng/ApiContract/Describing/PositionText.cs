using System.Text.RegularExpressions;
using Agent.Sync;

namespace ApiContract.Describing;

/// <summary>What a position and a set of keys look like in <c>or</c> and <c>and</c>, as anchored regular expressions.</summary>
internal static class PositionText
{
    /// <summary><c>(k1.gt.A,and(k1.eq.A,k2.gt.B))</c>: after a position in key order, or after a part of the keys.</summary>
    public static string AfterKey(IReadOnlyList<DatasetColumn> keys) => $@"^\((?:{FirstKeys(keys, "gt", "gt")})\)$";

    /// <summary><c>(or(k1.lt.A,and(k1.eq.A,k2.lte.B)))</c>: up to the end of a part of the keys.</summary>
    public static string UpToKey(IReadOnlyList<DatasetColumn> keys) => $@"^\(or\((?:{FirstKeys(keys, "lt", "lte")})\)\)$";

    /// <summary><c>(c.gt.X,and(c.eq.X,k.gt.Y))</c>: after a position in the cursor's order.</summary>
    public static string AfterCursor(DatasetColumn cursor, IReadOnlyList<DatasetColumn> keys)
    {
        var after = Keys(keys, 0, "gt", "gt");
        return $@"^\({Term(cursor, "gt")},and\({Term(cursor, "eq")},{(keys.Count > 1 ? $@"or\({after}\)" : after)}\)\)$";
    }

    /// <summary><c>(k.in.(A,B))</c>: the rows of these keys.</summary>
    public static string KeyList(DatasetColumn key)
    {
        var value = ColumnText.Quoted(key.Type);
        return $@"^\({Name(key)}\.in\.\({value}(?:,{value})*\)\)$";
    }

    /// <summary><c>(and(k1.eq.A,k2.eq.B),and(...))</c>: the rows of these keys of several columns.</summary>
    public static string KeyAlternatives(IReadOnlyList<DatasetColumn> keys)
    {
        var one = $@"and\({string.Join(',', keys.Select(static key => Term(key, "eq")))}\)";
        return $@"^\({one}(?:,{one})*\)$";
    }

    /// <summary><c>(k.is.null,k.not.is.null)</c>: no row at all.</summary>
    public static string Nothing(DatasetColumn key) => $@"^\({Name(key)}\.is\.null,{Name(key)}\.not\.is\.null\)$";

    /// <summary>A column's name, fit for a regular expression.</summary>
    public static string Name(DatasetColumn column) => Regex.Escape(column.Name);

    /// <summary>A bound by all key columns, or by the first ones: at least two.</summary>
    private static string FirstKeys(IReadOnlyList<DatasetColumn> keys, string comparison, string lastComparison) =>
        string.Join('|', Enumerable.Range(2, keys.Count - 1).Select(count => Keys([.. keys.Take(count)], 0, comparison, lastComparison)));

    private static string Keys(IReadOnlyList<DatasetColumn> keys, int key, string comparison, string lastComparison)
    {
        if (key == keys.Count - 1)
        {
            return Term(keys[key], lastComparison);
        }

        var rest = Keys(keys, key + 1, comparison, lastComparison);
        var isLastPair = key + 1 == keys.Count - 1;
        return $@"{Term(keys[key], comparison)},and\({Term(keys[key], "eq")},{(isLastPair ? rest : $@"or\({rest}\)")}\)";
    }

    private static string Term(DatasetColumn column, string comparison) => $@"{Name(column)}\.{comparison}\.{ColumnText.Quoted(column.Type)}";
}
