using System.Text.RegularExpressions;
using Agent.Sync;

namespace ApiContract.Describing;

/// <summary>What a position and a set of keys look like in <c>or</c> and <c>and</c>, as anchored regular expressions.</summary>
internal static class PositionText
{
    /// <summary><c>(k1.gt.A,and(k1.eq.A,k2.gt.B))</c>: after a position in key order.</summary>
    public static string AfterKey(IReadOnlyList<DatasetColumn> keys) => $@"^\({KeysAfter(keys, 0)}\)$";

    /// <summary><c>(c.gt.X,and(c.eq.X,k.gt.Y))</c>: after a position in the cursor's order.</summary>
    public static string AfterCursor(DatasetColumn cursor, IReadOnlyList<DatasetColumn> keys)
    {
        var after = KeysAfter(keys, 0);
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

    private static string KeysAfter(IReadOnlyList<DatasetColumn> keys, int key)
    {
        var term = Term(keys[key], "gt");
        if (key == keys.Count - 1)
        {
            return term;
        }

        var rest = KeysAfter(keys, key + 1);
        var isLastPair = key + 1 == keys.Count - 1;
        return $@"{term},and\({Term(keys[key], "eq")},{(isLastPair ? rest : $@"or\({rest}\)")}\)";
    }

    private static string Term(DatasetColumn column, string comparison) => $@"{Name(column)}\.{comparison}\.{ColumnText.Quoted(column.Type)}";
}
