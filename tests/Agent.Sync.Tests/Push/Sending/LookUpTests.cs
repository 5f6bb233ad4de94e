using System.Globalization;
using System.Net;
using System.Text.Json;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Push.Sending;

/// <summary>Look-ups of many rows behind proxies that take short lines and headers only.</summary>
public sealed class LookUpTests
{
    private static readonly Dataset Texts = Dataset.Define("texts").Key("id", ColumnType.Text).Column("name", ColumnType.Text).UpdatedAt("updated_at").Build();
    private static readonly Dataset Pairs = Dataset.Define("pairs").Key("a", ColumnType.Text).Key("b", ColumnType.Text).Column("name", ColumnType.Text).UpdatedAt("updated_at").Build();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("()")]
    [InlineData("a,b")]
    [InlineData("\"")]
    [InlineData("null")]
    public async Task SyncAsync_LostAnswerOfAnyKey_IsFoundAgain(string key)
    {
        using var harness = new TwoWayHarness(kit: false, Texts);
        var json = JsonSerializer.Serialize(key);
        harness.Tables[0].Insert($$"""{"id":{{json}},"name":"mine"}""");
        harness.Store.Insert(Texts, $$"""{"id":{{json}},"name":"mine"}""");

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 1), (result.Outcome, result.Datasets[0].Pushed));
        Assert.Contains("mine", harness.Store.FindRow("texts", key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_LostAnswerOfAJsonb_IsTheSameWithBlanks()
    {
        var dataset = Dataset.Define("docs").Key("id", ColumnType.Integer).Column("data", ColumnType.Json).UpdatedAt("updated_at").Build();
        using var harness = new TwoWayHarness(kit: false, dataset);
        harness.Tables[0].Insert("""{"id":1,"data":{"b":[1,2.50],"a":{"x":null}}}""");
        harness.Store.Insert(dataset, """{"id":1,"data":{"b":[1,2.50],"a":{"x":null}}}""");

        var result = await harness.SyncAsync();

        Assert.Equal((1, 0), (result.Datasets[0].Pushed, result.Datasets[0].Conflicts));
        Assert.Contains("""{"a": {"x": null}, "b": [1, 2.50]}""", harness.Store.FindRow("docs", "1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_DeleteOfAnEmptyKeyThatSomebodyChanged_IsAConflictAndNotASuccess()
    {
        using var harness = new TwoWayHarness(kit: false, Texts);
        harness.Tables[0].Insert("""{"id":"","name":"first"}""");
        await harness.SyncAsync();
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        harness.Tables[0].Update("""{"name":"theirs"}""", "");
        harness.Store.Delete(Texts, "");

        var result = await harness.SyncAsync();

        Assert.Equal(1, result.Datasets[0].Conflicts);
        Assert.Contains("theirs", harness.Store.FindRow("texts", ""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4096, 36)]
    [InlineData(2048, 36)]
    [InlineData(1024, 200)]
    public async Task SyncAsync_ProxyTakesShortHeaders_LooksFewerRowsUpAtOnce(int headerBytes, int keyLength)
    {
        foreach (var dataset in new[] { Texts, Pairs })
        {
            using var harness = new TwoWayHarness(kit: false, dataset);
            for (var id = 0; id < 90; id++)
            {
                var text = id.ToString(CultureInfo.InvariantCulture).PadLeft(keyLength, 'k');
                var row = dataset == Texts ? $$"""{"id":"{{text}}","name":"x"}""" : $$"""{"a":"{{text}}","b":"é","name":"x"}""";
                harness.Tables[0].Insert(row);
                harness.Store.Insert(dataset, row);
            }

            harness.Server.MaxHeaderBytes = headerBytes;
            var run = harness.SyncAsync();
            for (var step = 0; step < 200 && !run.IsCompleted; step++)
            {
                harness.Time.Advance(TimeSpan.FromSeconds(1));
            }

            Assert.Equal((SyncOutcome.Completed, 90), ((await run).Outcome, (await run).Datasets[0].Pushed));
        }
    }

    [Fact]
    public async Task SyncAsync_NinetyUuidsBehindNginx_AreLookedUpWithoutAFailure()
    {
        var dataset = Dataset.Define("uuids").Key("id", ColumnType.Uuid).Column("name", ColumnType.Text).UpdatedAt("updated_at").Build();
        using var harness = new TwoWayHarness(kit: false, dataset);
        for (var id = 0; id < 90; id++)
        {
            var row = $$"""{"id":"{{new Guid(id, 0, 0, new byte[8])}}","name":"x"}""";
            harness.Tables[0].Insert(row);
            harness.Store.Insert(dataset, row);
        }

        harness.Server.MaxHeaderBytes = 4096;
        var result = await harness.SyncAsync(SyncDirection.Push);

        Assert.Equal((90, 0), (result.Datasets[0].Pushed, result.Datasets[0].Retries));
    }

    [Fact]
    public async Task SyncAsync_LookUpIsTooLongALine_IsShortened()
    {
        using var harness = new TwoWayHarness(kit: false, Texts);
        for (var id = 0; id < 20; id++)
        {
            harness.Tables[0].Insert($$"""{"id":"k{{id}}","name":"x"}""");
            harness.Store.Insert(Texts, $$"""{"id":"k{{id}}","name":"x"}""");
        }

        harness.Server.Responder = static request => request.Method == "GET" && request.Query.Length > 120 && request.Query.Contains(".in.", StringComparison.Ordinal)
            ? Agent.Sync.Testing.ScriptedResponse.Error(HttpStatusCode.RequestUriTooLong)
            : null;

        Assert.Equal(20, (await harness.SyncAsync(SyncDirection.Push)).Datasets[0].Pushed);
    }
}
