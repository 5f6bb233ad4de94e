using System.Text;
using System.Text.Json;
using CsCheck;

namespace Agent.Sync.Tests;

public sealed class PageParserTests
{
    private const string Canary = "canary-7f3a";

    private static readonly Dataset Items = Dataset.Define("items")
        .Key("id", ColumnType.Integer)
        .Column("name", ColumnType.Text)
        .Column("data", ColumnType.Json)
        .UpdatedAt("updated_at")
        .Build();

    private static readonly Gen<string> GenText = Gen.OneOf(
        Gen.String[Gen.Char[' ', '~'], 0, 12],
        Gen.String[Gen.OneOf('\0', '\n', '"', '\\', 'é', '漢', '\u2028', '/'), 0, 8],
        Gen.OneOf("😀", "a😀b", "\\ud83d", "null", ""));

    private static readonly Gen<string> GenJson = Gen.OneOf(
        "null", "true", "1.50", "\"s\"", "\"\\u0041\\n\"", "[]", "[1,[2,{\"a\":\"]\"}]]", "{\"name\":\"inner\",\"id\":[{}]}", "\"\\ud800\"");

    [Fact]
    public void Parse_GeneratedRowsInAnyColumnOrder_GivesWhatJsonDocumentGives()
    {
        var genRow = Gen.Select(Gen.Long, GenText.Null(), GenJson, Gen.Shuffle(new[] { 0, 1, 2, 3, 4 }), Gen.Bool);
        genRow.Array[0, 300].Sample(
            rows =>
            {
                var json = $"[{string.Join(",", rows.Select(row => Render(row.Item1, row.Item2, row.Item3, row.Item4, row.Item5)))}]";
                using var page = Page.Parse(Items, Encoding.UTF8.GetBytes(json));
                using var expected = JsonDocument.Parse(json);
                AssertSame(expected.RootElement, page);
            },
            iter: 300);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("[1]")]
    [InlineData("[[]]")]
    [InlineData("[null]")]
    [InlineData("[]]")]
    [InlineData("[] []")]
    [InlineData("[],")]
    [InlineData("[]x")]
    [InlineData("[{}}]")]
    [InlineData("<html>" + Canary + "</html>")]
    [InlineData("{\"message\":\"" + Canary + "\"}")]
    public void Parse_NotAnArrayOfRows_ThrowsTypedErrorWithoutText(string json) => AssertRefused(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Parse_TruncatedAnywhere_ThrowsTypedErrorWithoutText()
    {
        var whole = Encoding.UTF8.GetBytes($"[{Row(1)},{Row(2)}]");
        for (var length = 0; length < whole.Length; length++)
        {
            AssertRefused(whole[..length]);
        }
    }

    [Fact]
    public void Parse_AnyByteReplaced_GivesPageOrTypedErrorWithoutText()
    {
        var whole = Encoding.UTF8.GetBytes($"[{Row(1)},{Row(2)}]");
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Sample(
            (position, value) =>
            {
                var changed = whole.ToArray();
                changed[position] = value;
                try
                {
                    Page.Parse(Items, changed).Dispose();
                }
                catch (SyncException exception)
                {
                    Assert.DoesNotContain(Canary, exception.ToString(), StringComparison.Ordinal);
                }
            },
            iter: 2_000);
    }

    [Theory]
    [InlineData("id")]
    [InlineData("name")]
    [InlineData("data")]
    [InlineData("updated_at")]
    public void Parse_ColumnMissing_NamesColumnAndRow(string column)
    {
        var exception = AssertRefused(Encoding.UTF8.GetBytes($"[{Row(1)},{Row(2).Replace($"\"{column}\"", "\"other\"", StringComparison.Ordinal)}]"));

        Assert.Contains($"'{column}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Row 1 ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ColumnTwice_IsRefused()
    {
        var exception = AssertRefused(Encoding.UTF8.GetBytes($"[{Row(1)[..^1]},\"na\\u006de\":\"{Canary}\"}}]"));

        Assert.Contains("'name' twice", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NestedDeeperThanAllowed_IsRefused()
    {
        var nested = Row(1).Replace("[1]", new string('[', 70) + new string(']', 70), StringComparison.Ordinal);

        AssertRefused(Encoding.UTF8.GetBytes($"[{nested}]"));
    }

    [Fact]
    public void Parse_NestedUpToTheLimit_IsAccepted()
    {
        // The array of rows and the row itself are the first two levels.
        var depth = PageParser.DefaultMaxDepth - 2;
        var nested = Row(1).Replace("[1]", new string('[', depth) + new string(']', depth), StringComparison.Ordinal);

        using var page = Page.Parse(Items, Encoding.UTF8.GetBytes($"[{nested}]"));

        Assert.Equal(2 * depth, page.GetCell(0, 2).Utf8.Length);
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("x\\uDC00")]
    [InlineData("\\ud83d\\u0041")]
    public void Parse_HalfASurrogatePairInText_IsRefused(string text)
    {
        AssertRefused(Encoding.UTF8.GetBytes($"[{Row(1).Replace(Canary, text, StringComparison.Ordinal)}]"));
    }

    [Theory]
    [InlineData("\\ud8000")]
    [InlineData("n\\udc00e")]
    public void Parse_HalfASurrogatePairInAName_IsAnUnknownColumnOrRefusedTyped(string name)
    {
        var json = Encoding.UTF8.GetBytes($"[{Row(1)[..^1]},\"{name}\":0}}]");
        try
        {
            Page.Parse(Items, json).Dispose();
        }
        catch (SyncProtocolException exception)
        {
            Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        }
    }

    [Fact]
    public void Parse_BytesThatAreNotUtf8_AreRefused()
    {
        var bytes = Encoding.UTF8.GetBytes($"[{Row(1)}]");
        bytes[bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary))] = 0xFF;

        AssertRefused(bytes);
    }

    [Fact]
    public void Parse_EscapedText_IsCopiedUnescaped()
    {
        using var page = Page.Parse(Items, Encoding.UTF8.GetBytes($"[{Row(1).Replace(Canary, "a\\u0000\\\"\\ud83d\\ude00\\/", StringComparison.Ordinal)}]"));
        var cell = page.GetCell(0, 1);
        var text = new byte[cell.Utf8.Length];

        var length = cell.CopyText(text);

        Assert.Equal(PageCellKind.EscapedString, cell.Kind);
        Assert.Equal("a\0\"😀/", Encoding.UTF8.GetString(text, 0, length));
    }

    [Theory]
    [InlineData(ColumnType.Text, "100000")]
    [InlineData(ColumnType.Uuid, "100000")]
    [InlineData(ColumnType.Integer, "010000")]
    [InlineData(ColumnType.Boolean, "001100")]
    [InlineData(ColumnType.Double, "110000")]
    [InlineData(ColumnType.Numeric, "110000")]
    [InlineData(ColumnType.Timestamptz, "100000")]
    [InlineData(ColumnType.Timestamp, "100000")]
    [InlineData(ColumnType.Date, "100000")]
    [InlineData(ColumnType.Time, "100000")]
    [InlineData(ColumnType.Json, "111111")]
    [InlineData(ColumnType.Bytes, "100000")]
    public void Parse_EachTypeAgainstEachJsonKind_TakesWhatPostgrestSends(ColumnType type, string takes)
    {
        var dataset = Dataset.Define("t").Key("id", ColumnType.Integer).Column("c", type).UpdatedAt("u").Build();
        string[] values = ["\"s\"", "1", "true", "false", "{}", "[]"];
        for (var kind = 0; kind < values.Length; kind++)
        {
            var json = Encoding.UTF8.GetBytes($$"""[{"id":1,"c":{{values[kind]}},"u":null}]""");
            if (takes[kind] == '1')
            {
                Page.Parse(dataset, json).Dispose();
                continue;
            }

            var exception = Assert.Throws<SyncSchemaException>(() => Page.Parse(dataset, json));
            Assert.Equal(SyncErrorKind.RemoteSchema, exception.Kind);
            Assert.Contains("'c'", exception.Message, StringComparison.Ordinal);
        }

        using var nulls = Page.Parse(dataset, """[{"id":1,"c":null,"u":null}]"""u8);
        Assert.True(nulls.GetCell(0, 1).IsNull);
    }

    [Fact]
    public void Parse_ThousandRowsOfSixtyColumns_FindsEveryCell()
    {
        var builder = Dataset.Define("wide").Key("id", ColumnType.Integer).UpdatedAt("u");
        for (var column = 0; column < 58; column++)
        {
            builder.Column($"c{column}", ColumnType.Integer);
        }

        var dataset = builder.Build();
        var rows = Enumerable.Range(0, 1000).Select(row =>
            $"{{\"id\":{row},\"u\":\"x\",{string.Join(",", Enumerable.Range(0, 58).Select(column => $"\"c{column}\":{(row * 100) + column}"))}}}");

        using var page = Page.Parse(dataset, Encoding.UTF8.GetBytes($"[{string.Join(",", rows)}]"));

        Assert.Equal(1000, page.Count);
        for (var row = 0; row < 1000; row++)
        {
            for (var column = 0; column < 58; column++)
            {
                Assert.Equal(((row * 100) + column).ToString(System.Globalization.CultureInfo.InvariantCulture), Encoding.UTF8.GetString(page.GetCell(row, column + 2).Utf8));
            }
        }
    }

    [Fact]
    public void Parse_EmptyArray_GivesEmptyPage()
    {
        using var page = Page.Parse(Items, " [ ] "u8);

        Assert.Equal(0, page.Count);
    }

    [Theory]
    [InlineData("[{\"id\":1")]
    [InlineData("[{\"id\":true}]")]
    public void Parse_Failing_ReturnsTheBufferToThePoolOnce(string json)
    {
        // The pool hands out first what was returned last; no other test uses pages of this size.
        const int Size = 3_000_000;
        var buffer = PageMemory.Bytes.Rent(Size);
        var bytes = Encoding.UTF8.GetBytes(json);
        bytes.CopyTo(buffer, 0);

        Assert.ThrowsAny<SyncException>(() => PageParser.Parse(Items, buffer, bytes.Length, PageParser.DefaultMaxDepth));

        var first = PageMemory.Bytes.Rent(Size);
        var second = PageMemory.Bytes.Rent(Size);
        Assert.Same(buffer, first);
        Assert.NotSame(buffer, second);
        PageMemory.Bytes.Return(first);
        PageMemory.Bytes.Return(second);
    }

    private static SyncProtocolException AssertRefused(byte[] json)
    {
        var exception = Assert.Throws<SyncProtocolException>(() => Page.Parse(Items, json));
        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        Assert.DoesNotContain(Canary, exception.ToString(), StringComparison.Ordinal);
        return exception;
    }

    private static string Row(int id) =>
        $$"""{"id":{{id}},"name":"{{Canary}}","data":[1],"updated_at":"2026-01-01T00:00:00+00:00"}""";

    private static string Render(long id, string? name, string data, int[] order, bool spaces)
    {
        string[] members =
        [
            $"\"id\":{id}",
            $"\"name\":{(name is null ? "null" : JsonSerializer.Serialize(name))}",
            $"\"data\":{data}",
            "\"updated_at\":\"2026-01-01T00:00:00+00:00\"",
            $"\"unknown\":{data}",
        ];
        return "{" + string.Join(spaces ? " ,\n " : ",", order.Select(member => members[member])) + "}";
    }

    private static void AssertSame(JsonElement expected, Page page)
    {
        Assert.Equal(expected.GetArrayLength(), page.Count);
        var row = 0;
        foreach (var element in expected.EnumerateArray())
        {
            Assert.Equal(element.GetRawText(), Encoding.UTF8.GetString(page.GetRow(row).Span));
            Assert.Equal(element.GetProperty("id").GetRawText(), Encoding.UTF8.GetString(page.GetCell(row, 0).Utf8));
            Assert.Equal(element.GetProperty("data").GetRawText(), Encoding.UTF8.GetString(page.GetCell(row, 2).Utf8));
            Assert.Equal(element.GetProperty("name").GetString(), ReadText(page.GetCell(row, 1)));
            row++;
        }
    }

    private static string? ReadText(PageCell cell)
    {
        if (cell.IsNull)
        {
            return null;
        }

        var text = new byte[cell.Utf8.Length];
        return Encoding.UTF8.GetString(text, 0, cell.CopyText(text));
    }
}
