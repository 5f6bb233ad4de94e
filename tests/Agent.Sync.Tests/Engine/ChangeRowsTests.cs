using System.Text.Json;

namespace Agent.Sync.Tests.Engine;

/// <summary>What a person needs to see to decide about a rejected change.</summary>
public sealed class ChangeRowsTests
{
    private static readonly Dataset Notes = Dataset.Define("notes").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReadChangeRowsAsync_OfARejectedChange_HasBothSides(bool kit)
    {
        using var harness = new TwoWayHarness(kit, Notes);
        harness.Tables[0].AddCheck("name_check", static row => row.Contains("bad", StringComparison.Ordinal) ? "23514" : null);
        harness.Tables[0].Insert("""{"id":1,"name":"old"}""");
        await harness.SyncAsync();
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        harness.Store.Update(Notes, """{"name":"bad"}""", "1");
        await harness.SyncAsync();

        var change = Assert.Single(await harness.ChangesAsync());
        var rows = await harness.Engine.ReadChangeRowsAsync("notes", change.Id, Token);

        Assert.Equal(("bad", "old"), (NameOf(rows.Local), NameOf(rows.Server)));
        Assert.Equal(1, change.GetKey<int>("id"));
        Assert.DoesNotContain("bad", rows.ToString(), StringComparison.Ordinal);
        Assert.Equal("bad", rows.ReadLocal<Dictionary<string, JsonElement>>(JsonSerializerOptions.Default)!["name"].GetString());
        Assert.Equal("old", rows.ReadServer<Dictionary<string, JsonElement>>(JsonSerializerOptions.Default)!["name"].GetString());
    }

    [Fact]
    public async Task ReadChangeRowsAsync_OfAChangeThatIsGone_SaysSo()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        await harness.SyncAsync();

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => harness.Engine.ReadChangeRowsAsync("notes", 7, Token));

        Assert.Equal((SyncErrorKind.StoreFailed, true), (exception.Kind, exception.IsTransient));
        Assert.Contains("settled or discarded", exception.Message, StringComparison.Ordinal);
    }

    private static string? NameOf(ReadOnlyMemory<byte> row) => JsonDocument.Parse(row).RootElement.GetProperty("name").GetString();
}
