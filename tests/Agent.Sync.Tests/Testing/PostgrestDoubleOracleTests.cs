using System.Globalization;
using System.Text.Json;
using Agent.Sync.Testing;
using CsCheck;

namespace Agent.Sync.Tests.Testing;

/// <summary>The double against a model written another way: plain loops over tuples.</summary>
public sealed class PostgrestDoubleOracleTests
{
    private static readonly string[] Texts = ["", "a", "A", "b", "B", "é", "\"q\"", "x,y", "(p)", "b\\s", "z w", "\uE000", "😀", "a.b", "1+1"];

    private static readonly Gen<string> AnyText = AnyOf(Texts);

    private static readonly Gen<(int Key, string Text, int Micros)[]> Rows = Gen.Select(Gen.Int[0, 30], AnyText, Gen.Int[0, 6]).Array[0, 25];

    [Fact]
    public void Get_KeysetOverCursorAndTextKey_EqualsTheOracle() =>
        Gen.Select(Rows, AnyText, Gen.Int[0, 6], Gen.Int[1, 8]).Sample((rows, text, micros, limit) =>
        {
            var cursor = Stamp(micros);
            var quoted = "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
            var query = $"select=k,t&order=updated_at.asc.nullslast,t.asc.nullslast,k.asc&limit={limit}"
                + $"&updated_at=gte.{Uri.EscapeDataString(cursor)}"
                + $"&or={Uri.EscapeDataString($"(updated_at.gt.\"{cursor}\",and(updated_at.eq.\"{cursor}\",t.gt.{quoted}))")}";

            var expected = Distinct(rows)
                .Where(row => row.Micros > micros || (row.Micros == micros && Bytes(row.Text, text) > 0))
                .OrderBy(static row => row.Micros).ThenBy(static row => row.Text, Comparer<string>.Create(Bytes)).ThenBy(static row => row.Key)
                .Take(limit).Select(static row => (row.Key, row.Text));

            return expected.SequenceEqual(Ask(rows, query));
        }, iter: 300);

    [Fact]
    public void Get_OperatorsAndNegation_EqualTheOracle() =>
        Gen.Select(Rows, AnyOf("eq", "neq", "gt", "gte", "lt", "lte"), Gen.Bool, Gen.Int[0, 30], Gen.Bool).Sample((rows, name, isNegated, value, isInLogic) =>
        {
            var condition = (isNegated ? "not." : "") + $"{name}.{value}";
            var query = "select=k,t&order=k.desc&" + (isInLogic ? $"and=(k.{condition})" : $"k={condition}");

            var expected = Distinct(rows).Where(row => Holds(name, row.Key, value) != isNegated)
                .OrderByDescending(static row => row.Key).Select(static row => (row.Key, row.Text));

            return expected.SequenceEqual(Ask(rows, query));
        }, iter: 300);

    [Fact]
    public void Get_InList_EqualsTheOracle() =>
        Gen.Select(Rows, AnyText.Array[1, 4]).Sample((rows, texts) =>
        {
            var list = string.Join(',', texts.Select(static text => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\""));

            // A list of one empty text is a list of nothing to PostgREST.
            var expected = Distinct(rows).Where(row => texts is not [""] && texts.Contains(row.Text)).OrderBy(static row => row.Key).Select(static row => (row.Key, row.Text)).ToList();

            return expected.SequenceEqual(Ask(rows, $"select=k,t&order=k&t={Uri.EscapeDataString($"in.({list})")}"))
                && expected.SequenceEqual(Ask(rows, $"select=k,t&order=k&or={Uri.EscapeDataString($"(t.in.({list}),k.lt.0)")}"));
        }, iter: 300);

    [Fact]
    public void Get_NaturalCollation_DiffersFromBytesInOrderOnly()
    {
        (int, string, int)[] rows = [(1, "a", 0), (2, "B", 0), (3, "A", 0), (4, "b", 0)];

        Assert.Equal(["A", "B", "a", "b"], Ask(rows, "select=k,t&order=t").Select(static row => row.Text));
        Assert.Equal(["a", "A", "b", "B"], Ask(rows, "select=k,t&order=t", TextCollation.Natural).Select(static row => row.Text));
        Assert.Equal(["a"], Ask(rows, "select=k,t&order=t&t=eq.a", TextCollation.Natural).Select(static row => row.Text));
        Assert.Equal(["A", "b", "B"], Ask(rows, "select=k,t&order=t&t=gt.a", TextCollation.Natural).Select(static row => row.Text));
    }

    private static Gen<string> AnyOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static IEnumerable<(int Key, string Text, int Micros)> Distinct((int Key, string Text, int Micros)[] rows) => rows.DistinctBy(static row => row.Key);

    private static bool Holds(string name, int left, int right) => name switch
    {
        "eq" => left == right,
        "neq" => left != right,
        "gt" => left > right,
        "gte" => left >= right,
        "lt" => left < right,
        _ => left <= right,
    };

    /// <summary>Code point order, which is the order of UTF-8 bytes.</summary>
    private static int Bytes(string left, string right)
    {
        var a = left.EnumerateRunes().Select(static rune => rune.Value).ToList();
        var b = right.EnumerateRunes().Select(static rune => rune.Value).ToList();
        for (var index = 0; index < Math.Min(a.Count, b.Count); index++)
        {
            if (a[index] != b[index])
            {
                return a[index].CompareTo(b[index]);
            }
        }

        return a.Count.CompareTo(b.Count);
    }

    private static string Stamp(int micros) => string.Create(CultureInfo.InvariantCulture, $"2026-01-01T00:00:00.{micros:D6}+00:00");

    private static List<(int Key, string Text)> Ask((int Key, string Text, int Micros)[] rows, string query, TextCollation collation = TextCollation.Bytes)
    {
        using var server = new PostgrestDouble(new VirtualTimeProvider());
        var table = server.AddTable(Dataset.Define("items").Key("k", ColumnType.Integer).Column("t", ColumnType.Text).UpdatedAt("updated_at").Build());
        table.IsReadableByAnyone = true;
        table.Collation = collation;
        foreach (var row in Distinct(rows))
        {
            table.Insert($$"""{"k":{{row.Key}},"t":{{JsonSerializer.Serialize(row.Text)}},"updated_at":"{{Stamp(row.Micros)}}"}""");
        }

        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Add("apikey", PostgrestDouble.ApiKey);
        using var response = client.GetAsync($"/rest/v1/items?{query}").GetAwaiter().GetResult();
        using var document = JsonDocument.Parse(response.Content.ReadAsStringAsync().GetAwaiter().GetResult());
        return [.. document.RootElement.EnumerateArray().Select(static item => (item.GetProperty("k").GetInt32(), item.GetProperty("t").GetString()!))];
    }
}
