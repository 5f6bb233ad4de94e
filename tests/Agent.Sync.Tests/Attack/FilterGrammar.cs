using System.Text;

namespace Agent.Sync.Tests.Attack;

/// <summary>
/// PostgREST's filters, read from the raw query and evaluated on rows of texts in the order of bytes. Written from the grammar of PostgREST (QueryParams: pLogicTree,
/// pLogicSingleVal, pQuotedValue, pListVal), and knows nothing of what the library sends.
/// </summary>
internal sealed class FilterGrammar
{
    private static readonly string[] Parameters = ["select", "order", "limit", "offset", "columns", "on_conflict"];

    private readonly List<Func<IReadOnlyDictionary<string, string?>, bool>> _filters = [];

    private FilterGrammar()
    {
    }

    /// <summary>Reads a query as it goes over the wire, without its question mark.</summary>
    public static FilterGrammar Read(string query)
    {
        var filters = new FilterGrammar();
        foreach (var pair in query.Split('&'))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = (Decode(pair[..at]), Decode(pair[(at + 1)..]));
            if (!Parameters.Contains(name, StringComparer.Ordinal))
            {
                filters._filters.Add(name is "and" or "or" ? new Reader(name + value).ReadTree() : new Reader(value).ReadWhole(name));
            }
        }

        return filters;
    }

    public bool Fits(IReadOnlyDictionary<string, string?> row) => _filters.TrueForAll(filter => filter(row));

    /// <summary>Decodes as a web server does: a plus is a blank, and what is no UTF-8 is no text.</summary>
    private static string Decode(string text)
    {
        var bytes = new List<byte>();
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsAscii(text[at]) || text[at] is ' ' or '#' or '"' or '<' or '>')
            {
                throw new FormatException("A character that has to be escaped.");
            }

            if (text[at] != '%')
            {
                bytes.Add(text[at] == '+' ? (byte)' ' : (byte)text[at]);
                continue;
            }

            bytes.Add(Convert.FromHexString(text.AsSpan(at + 1, 2))[0]);
            at += 2;
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
    }

    private static int Compare(string left, string right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));

    private static Func<IReadOnlyDictionary<string, string?>, bool> Test(string column, string comparison, string value) => comparison switch
    {
        "eq" => row => row[column] is { } there && there == value,
        "gt" => row => row[column] is { } there && Compare(there, value) > 0,
        "gte" => row => row[column] is { } there && Compare(there, value) >= 0,
        "lt" => row => row[column] is { } there && Compare(there, value) < 0,
        "lte" => row => row[column] is { } there && Compare(there, value) <= 0,
        "neq" => row => row[column] is { } there && there != value,
        "is" when value == "null" => row => row[column] is null,
        _ => throw new FormatException($"The operator {comparison}."),
    };

    private sealed class Reader(string text)
    {
        private int _at;

        /// <summary>A filter that is a parameter of its own: what follows the operator is the value, whatever it holds.</summary>
        public Func<IReadOnlyDictionary<string, string?>, bool> ReadWhole(string column)
        {
            var end = text.IndexOf('.', StringComparison.Ordinal);
            return Test(column, text[..end], text[(end + 1)..]);
        }

        public Func<IReadOnlyDictionary<string, string?>, bool> ReadTree()
        {
            var tree = Tree();
            return _at == text.Length ? tree : throw new FormatException($"More at {_at}.");
        }

        private Func<IReadOnlyDictionary<string, string?>, bool> Tree()
        {
            var start = _at;
            if (TryFilter(out var filter))
            {
                return filter;
            }

            _at = start;
            var isAll = Take("and");
            if (!isAll && !Take("or"))
            {
                throw new FormatException($"Neither a filter nor a tree at {_at}.");
            }

            var parts = new List<Func<IReadOnlyDictionary<string, string?>, bool>>();
            Require('(');
            do
            {
                parts.Add(Tree());
            }
            while (Take(","));
            Require(')');
            return isAll ? row => parts.TrueForAll(part => part(row)) : row => parts.Exists(part => part(row));
        }

        private bool TryFilter(out Func<IReadOnlyDictionary<string, string?>, bool> filter)
        {
            filter = static _ => false;
            var name = While(static character => char.IsLetterOrDigit(character) || character is '_' or ' ' or '$' or '-');
            if (name.Length == 0 || !Take("."))
            {
                return false;
            }

            var isNegated = Take("not.");
            var comparison = While(char.IsAsciiLetter);
            if (!Take("."))
            {
                return false;
            }

            var test = comparison == "in" ? List(name) : Test(name, comparison, Value());
            filter = isNegated ? row => !test(row) : test;
            return true;
        }

        private Func<IReadOnlyDictionary<string, string?>, bool> List(string column)
        {
            var values = new List<string>();
            Require('(');
            do
            {
                values.Add(Value());
            }
            while (Take(","));
            Require(')');

            // A list of one empty text is empty (measured).
            return values is [""] ? static _ => false : row => row[column] is { } there && values.Contains(there);
        }

        private string Value()
        {
            var start = _at;
            if (TryQuoted(out var quoted) && (_at == text.Length || text[_at] is ',' or ')'))
            {
                return quoted;
            }

            _at = start;
            return While(static character => character is not (',' or ')'));
        }

        private bool TryQuoted(out string value)
        {
            var quoted = new StringBuilder();
            value = string.Empty;
            if (!Take("\""))
            {
                return false;
            }

            for (; _at < text.Length && text[_at] != '"'; _at++)
            {
                if (text[_at] == '\\' && ++_at == text.Length)
                {
                    return false;
                }

                quoted.Append(text[_at]);
            }

            value = quoted.ToString();
            return Take("\"");
        }

        private string While(Func<char, bool> fits)
        {
            var start = _at;
            while (_at < text.Length && fits(text[_at]))
            {
                _at++;
            }

            return text[start.._at];
        }

        private bool Take(string expected)
        {
            var isThere = text.AsSpan(_at).StartsWith(expected, StringComparison.Ordinal);
            _at += isThere ? expected.Length : 0;
            return isThere;
        }

        private void Require(char expected)
        {
            if (!Take(expected.ToString()))
            {
                throw new FormatException($"No {expected} at {_at}.");
            }
        }
    }
}
