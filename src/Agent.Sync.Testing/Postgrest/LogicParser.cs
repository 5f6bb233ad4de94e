using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>Reads a logic tree: <c>or(a.gt.1,and(a.eq.1,not.b.lte."x"))</c>.</summary>
internal sealed class LogicParser(PostgrestTable table, string text)
{
    private int _at;

    public Func<TableRow, bool?> Parse()
    {
        var node = Node();
        if (_at != text.Length)
        {
            throw PostgrestFailure.Parse("logic tree");
        }

        return node;
    }

    private Func<TableRow, bool?> Node()
    {
        if (Accept("not.and("))
        {
            return Not(And(List()));
        }

        if (Accept("not.or("))
        {
            return Not(Or(List()));
        }

        if (Accept("and("))
        {
            return And(List());
        }

        return Accept("or(") ? Or(List()) : Leaf();
    }

    private static Func<TableRow, bool?> Not(Func<TableRow, bool?> node) => row => !node(row);

    private static Func<TableRow, bool?> And(List<Func<TableRow, bool?>> nodes) => row =>
    {
        bool? result = true;
        foreach (var node in nodes)
        {
            result &= node(row);
        }

        return result;
    };

    private static Func<TableRow, bool?> Or(List<Func<TableRow, bool?>> nodes) => row =>
    {
        bool? result = false;
        foreach (var node in nodes)
        {
            result |= node(row);
        }

        return result;
    };

    private List<Func<TableRow, bool?>> List()
    {
        List<Func<TableRow, bool?>> nodes = [Node()];
        while (Accept(","))
        {
            nodes.Add(Node());
        }

        return Accept(")") ? nodes : throw PostgrestFailure.Parse("logic tree");
    }

    private Func<TableRow, bool?> Leaf()
    {
        var dot = text.IndexOf('.', _at);
        if (dot < 0)
        {
            throw PostgrestFailure.Parse("logic tree");
        }

        var column = table.OrdinalOf(text[_at..dot]);
        _at = dot + 1;
        return ConditionReader.Read(table, column, Condition(), isInLogic: true).Evaluate;
    }

    /// <summary>Takes everything up to the comma or bracket that ends the condition.</summary>
    private string Condition()
    {
        var start = _at;
        var isQuoted = false;
        var depth = 0;
        for (; _at < text.Length; _at++)
        {
            var c = text[_at];
            if (isQuoted)
            {
                isQuoted = c != '"';
                _at += c == '\\' ? 1 : 0;
            }
            else if (c == '"')
            {
                // A quote opens a quoted value only at its start.
                isQuoted = text[_at - 1] is '.' or '(' or ',';
            }
            else if (c == '(' && (depth > 0 || text.AsSpan(start, _at - start).EndsWith("in.")))
            {
                depth++;
            }
            else if (c == ')' && depth > 0)
            {
                depth--;
            }
            else if (depth == 0 && c is (',' or ')'))
            {
                break;
            }
        }

        return isQuoted ? throw PostgrestFailure.Parse("logic tree") : text[start.._at];
    }

    private bool Accept(string token)
    {
        if (string.CompareOrdinal(text, _at, token, 0, token.Length) != 0)
        {
            return false;
        }

        _at += token.Length;
        return true;
    }
}
