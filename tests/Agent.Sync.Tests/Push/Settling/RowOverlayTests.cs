using System.Text;
using System.Text.Json;
using Agent.Sync.Push.Settling;

namespace Agent.Sync.Tests.Push.Settling;

/// <summary>What each argument of an overlay does, seen on one row of every kind of column.</summary>
public sealed class RowOverlayTests
{
    private const string Server = """{"id":1,"name":"theirs","note":"kept","owner":"server","version":7,"updated_at":"2026-01-01T00:00:00+00:00"}""";

    private static readonly Dataset Items = Dataset.Define("items")
        .Key("id", ColumnType.Integer)
        .Column("name", ColumnType.Text)
        .Column("note", ColumnType.Text)
        .Column("owner", ColumnType.Text)
        .ServerOwned("owner")
        .Version("version")
        .UpdatedAt("updated_at")
        .Build();

    [Fact]
    public void Compose_ServerOwnedValues_AreTheRows()
    {
        var row = Compose("""{"id":1,"name":"mine","note":null,"owner":"mine","version":1,"updated_at":"1999-01-01T00:00:00+00:00"}""", Server);

        Assert.Equal(("server", "7", "2026-01-01T00:00:00+00:00"), (row["owner"], row["version"], row["updated_at"]));
        Assert.Equal(("mine", string.Empty), (row["name"], row["note"]));
    }

    [Fact]
    public void Compose_ServerOwnedValuesWithoutARow_AreThoseGiven()
    {
        var row = Compose("""{"id":1,"name":"mine","owner":"mine","version":1}""", string.Empty);

        Assert.Equal(["id=1", "name=mine", "owner=mine", "version=1"], row.Select(static value => $"{value.Key}={value.Value}"));
    }

    [Theory]
    [InlineData(true, "kept")]
    [InlineData(false, null)]
    public void Compose_KeepsRest_DecidesOverWhatIsLacking(bool keepsRest, string? note)
    {
        var row = Compose("""{"id":1,"name":"mine"}""", Server, keepsRest);

        Assert.Equal(note, row.GetValueOrDefault("note"));
        Assert.Equal(("mine", "server"), (row["name"], row["owner"]));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("id,name", "kept")]
    [InlineData("id,name,note", "")]
    public void Compose_NullOfAColumn_CountsWhereItWasSent(string? sent, string note)
    {
        var row = Compose("""{"id":1,"name":"mine","note":null}""", Server, keepsRest: true, sent?.Split(','));

        Assert.Equal((note, "mine"), (row["note"], row["name"]));
    }

    [Fact]
    public void Compose_ValueOfAColumnThatWasNotSent_Counts() =>
        Assert.Equal("new", Compose("""{"id":1,"note":"new"}""", Server, keepsRest: true, ["id"])["note"]);

    [Fact]
    public void Compose_SentWithoutKeepsRest_HasNoEffect() =>
        Assert.Equal(string.Empty, Compose("""{"id":1,"note":null}""", Server, keepsRest: false, ["id"])["note"]);

    [Fact]
    public void Compose_ColumnsOutsideTheDataset_StayForTheParserToJudge() =>
        Assert.Equal("x", Compose("""{"id":1,"stranger":"x"}""", Server)["stranger"]);

    [Fact]
    public void Compose_Values_KeepTheirText()
    {
        const string Exact = """{"id":9007199254740993,"name":"\u00e9\"","note":"1.0"}""";

        var json = Encoding.UTF8.GetString(RowOverlay.Compose(Items, Encoding.UTF8.GetBytes(Exact), default, keepsRest: true, sent: null, maxDepth: 8).Span);

        Assert.Equal($"[{Exact}]", json);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("{}{}")]
    [InlineData("")]
    public void Compose_ValuesThatAreNotOneObject_Throws(string values) =>
        Assert.ThrowsAny<JsonException>(() => Compose(values, Server));

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Compose_MaxDepth_BoundsBothSides(int maxDepth, bool fits)
    {
        const string Deep = """{"id":1,"name":[[1]]}""";
        byte[] flat = [.. """{"id":1}"""u8];

        foreach (var (values, row) in new[] { (Encoding.UTF8.GetBytes(Deep), flat), (flat, Encoding.UTF8.GetBytes(Deep)) })
        {
            var exception = Record.Exception(() => RowOverlay.Compose(Items, values, row, keepsRest: true, sent: null, maxDepth));
            Assert.Equal(fits, exception is null);
            Assert.True(exception is null or JsonException);
        }
    }

    private static Dictionary<string, string> Compose(string values, string row, bool keepsRest = false, IReadOnlyList<string>? sent = null)
    {
        var json = RowOverlay.Compose(Items, Encoding.UTF8.GetBytes(values), Encoding.UTF8.GetBytes(row), keepsRest, sent, maxDepth: 8);
        using var document = JsonDocument.Parse(json);
        return Assert.Single(document.RootElement.EnumerateArray()).EnumerateObject().ToDictionary(static value => value.Name, static value => value.Value.ToString());
    }
}
