using System.Net;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Engine;

/// <summary>One refused row holds up only itself: not the other rows, not the other datasets, not the pull.</summary>
public sealed class OneRefusedRowTests
{
    private static readonly Dataset Notes = Define("notes");
    private static readonly Dataset Tags = Define("tags");

    [Theory]
    [InlineData(false, "54000")]
    [InlineData(true, "54000")]
    [InlineData(false, "P0002")]
    [InlineData(true, "P0002")]
    [InlineData(false, "PT401")]
    [InlineData(true, "PT401")]
    [InlineData(false, "42883")]
    [InlineData(true, "42883")]
    public async Task SyncAsync_LongBodyIsRefused_EverythingElseIsDone(bool kit, string code)
    {
        using var harness = Start(kit, code);
        harness.Store.Insert(Notes, $$"""{"id":1,"body":"{{new string('x', 1_200_000)}}"}""");
        harness.Store.Insert(Notes, """{"id":2,"body":"fine"}""");
        harness.Store.Insert(Tags, """{"id":3,"body":"other"}""");
        harness.Tables[1].Insert("""{"id":9,"body":"theirs"}""");

        var result = await harness.SyncAsync();

        Assert.Equal(SyncOutcome.CompletedWithQuarantine, result.Outcome);
        var change = Assert.Single(await harness.ChangesAsync());
        Assert.Equal((ChangeState.Quarantined, code, """{"id":1}"""), (change.State, change.Code, change.Key));
        Assert.NotNull(harness.Tables[0].FindRow("2"));
        Assert.NotNull(harness.Tables[1].FindRow("3"));
        Assert.NotNull(harness.Store.FindRow("tags", "9"));

        // Editing the row mends it.
        harness.Store.Update(Notes, """{"body":"short"}""", "1");
        Assert.Equal(SyncOutcome.Completed, (await harness.SyncAsync()).Outcome);
        Assert.Contains("short", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_EveryRowOfOneDatasetIsRefused_TheOthersGoUpEverythingIsPulledAndTheRunFails(bool kit)
    {
        using var harness = Start(kit, "XX000", length: 0);
        harness.Store.Insert(Notes, """{"id":1,"body":"a"}""");
        harness.Store.Insert(Notes, """{"id":2,"body":"b"}""");
        harness.Store.Insert(Tags, """{"id":3,"body":"other"}""");
        harness.Tables[0].Insert("""{"id":8,"body":"theirs"}""");
        harness.Tables[1].Insert("""{"id":9,"body":"theirs"}""");

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => harness.SyncAsync());

        Assert.Equal(("XX000", "notes"), (exception.Code, exception.Dataset));
        Assert.NotNull(harness.Tables[1].FindRow("3"));
        Assert.NotNull(harness.Store.FindRow("notes", "8"));
        Assert.NotNull(harness.Store.FindRow("tags", "9"));
        Assert.All(await harness.ChangesAsync(), static change => Assert.Equal(ChangeState.Waiting, change.State));

        // Discarding and editing help.
        await harness.Store.DiscardChangesAsync(Notes, [(await harness.ChangesAsync())[0].Id], TestContext.Current.CancellationToken);
        harness.Tables[0].AddCheck("mended", static _ => null);
        Assert.Single(await harness.ChangesAsync());
    }

    /// <summary>PostgREST answers an app's own code with 500. A breaker that counts it would keep the rows behind it from ever being sent.</summary>
    [Theory]
    [InlineData("P0002")]
    [InlineData("54000")]
    [InlineData("PT500")]
    public async Task SyncAsync_ManyRowsAreRefusedWith500_EachIsQuarantinedAndTheRestGoesUp(string code)
    {
        using var harness = Start(kit: false, code, length: 1_000);
        for (var id = 1; id <= 40; id++)
        {
            harness.Store.Insert(Notes, $$"""{"id":{{id}},"body":"{{new string('x', id <= 15 ? 2_000 : 1)}}"}""");
        }

        harness.Options.Push.MaxQuarantinedShare = 1;
        var result = await harness.SyncAsync();

        Assert.Equal(SyncOutcome.CompletedWithQuarantine, result.Outcome);
        Assert.All(await harness.ChangesAsync(), change => Assert.Equal((ChangeState.Quarantined, code), (change.State, change.Code)));
        Assert.Equal((15, 25), ((await harness.ChangesAsync()).Count, harness.Tables[0].Count));
    }

    [Fact]
    public async Task SyncAsync_EveryRowOfManyIsRefusedWith500_TheErrorNamesTheCode()
    {
        using var harness = Start(kit: false, "XX000", length: 0);
        for (var id = 1; id <= 40; id++)
        {
            harness.Store.Insert(Notes, $$"""{"id":{{id}},"body":"a"}""");
        }

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => harness.SyncAsync());

        Assert.Equal((SyncErrorKind.ServerError, "XX000"), (exception.Kind, exception.Code));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_DeletedAndNewRowShareAUniqueValue_OneRunSendsBoth(bool kit)
    {
        using var harness = Start(kit, "54000");
        harness.Tables[0].AddUnique("notes_body_key", "body");
        harness.Tables[0].Insert("""{"id":1,"body":"n1"}""");
        await harness.SyncAsync();
        harness.Store.Delete(Notes, "1");
        harness.Store.Insert(Notes, """{"id":2,"body":"n1"}""");

        var result = await harness.SyncAsync();

        Assert.Equal((SyncOutcome.Completed, 2L), (result.Outcome, result.Datasets[0].Pushed));
        Assert.Equal((null, 1), (harness.Tables[0].FindRow("1"), harness.Tables[0].Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_ServerInRecovery_IsTypedAndQuarantinesNothing(bool kit)
    {
        using var harness = Start(kit, "54000");
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"body":"a"}""");
        harness.Store.Insert(Notes, """{"id":2,"body":"b"}""");
        harness.Server.IsInRecovery = true;

        var exception = await Assert.ThrowsAnyAsync<SyncException>(() => harness.SyncAsync());

        Assert.Equal((kit ? SyncErrorKind.SqlKit : SyncErrorKind.ServerError, "0A000"), (exception.Kind, exception.Code));
        Assert.Contains("replica", exception.Message, StringComparison.Ordinal);
        Assert.All(await harness.ChangesAsync(), static change => Assert.Equal(ChangeState.Waiting, change.State));
        harness.Server.IsInRecovery = false;
        Assert.Equal(2, (await harness.SyncAsync()).Datasets[0].Pushed);
    }

    [Theory]
    [InlineData(true, SyncDirection.Both)]
    [InlineData(false, SyncDirection.Push)]
    [InlineData(false, SyncDirection.Pull)]
    public async Task SyncAsync_RoleDoesNotExist_IsAuthRequired(bool kit, SyncDirection direction)
    {
        using var harness = Start(kit, "54000");
        for (var id = 1; id <= 10; id++)
        {
            harness.Store.Insert(Notes, $$"""{"id":{{id}},"body":"a"}""");
        }

        harness.Server.Roles.Clear();

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => harness.SyncAsync(direction));

        Assert.Equal((SyncErrorKind.AuthRequired, "22023"), (exception.Kind, exception.Code));
        Assert.All(await harness.ChangesAsync(), static change => Assert.Equal(ChangeState.Waiting, change.State));
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("text/plain", false)]
    public async Task SyncAsync_400WithoutARealCode_IsRetriedAndNoRowsFault(string type, bool hasBody)
    {
        using var harness = Start(kit: false, "54000");
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"body":"a"}""");
        var gateway = ScriptedResponse.Error(HttpStatusCode.BadRequest, hasBody ? "" : null) with { ContentType = type };
        harness.Server.Responder = request => request.Method == "POST" ? gateway : null;

        var run = harness.SyncAsync();
        for (var second = 0; second < 20; second++)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => run);
        Assert.Equal((SyncErrorKind.ServerError, true), (exception.Kind, exception.IsTransient));
        Assert.Equal(4, harness.Server.Requests.Count(static request => request.Method == "POST"));
        Assert.DoesNotContain(await harness.ChangesAsync(), static change => change.State == ChangeState.Quarantined);
    }

    [Fact]
    public async Task SyncAsync_TriggerAlwaysRaises40001_TimesOutAndIsNoRowsFault()
    {
        using var harness = Start(kit: false, "40001", length: 0);
        harness.Store.Insert(Notes, """{"id":1,"body":"a"}""");

        var run = harness.SyncAsync(SyncDirection.Push);
        for (var minute = 0; minute < 60 && !run.IsCompleted; minute++)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(SyncErrorKind.Timeout, (await Assert.ThrowsAsync<SyncTransportException>(() => run)).Kind);
        Assert.DoesNotContain(await harness.ChangesAsync(), static change => change.State == ChangeState.Quarantined);
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 4)]
    [InlineData(false, 40)]
    public async Task SyncAsync_OneRowIsNeverAnswered_TheOthersGoUpAndEverythingIsPulled(bool kit, int rows)
    {
        using var harness = Start(kit, "40001", length: 200);
        await harness.SyncAsync();
        for (var id = 1; id <= rows; id++)
        {
            harness.Store.Insert(Notes, $$"""{"id":{{id}},"body":"{{(id == 2 ? new string('x', 200) : "fine")}}"}""");
        }

        harness.Store.Insert(Tags, """{"id":3,"body":"other"}""");
        harness.Tables[1].Insert("""{"id":9,"body":"theirs"}""");

        var run = harness.SyncAsync();
        for (var step = 0; step < 1_000 && !run.IsCompleted; step++)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(SyncErrorKind.Timeout, (await Assert.ThrowsAsync<SyncTransportException>(() => run)).Kind);
        Assert.Equal((rows - 1, 2), (harness.Tables[0].Count, harness.Tables[1].Count));
        Assert.NotNull(harness.Store.FindRow("tags", "9"));
        Assert.Equal(ChangeState.InFlight, Assert.Single(await harness.ChangesAsync()).State);
    }

    [Theory]
    [InlineData(false, "XX000", "notes")]
    [InlineData(true, "XX000", "notes")]
    [InlineData(false, "XX000", "tags")]
    [InlineData(true, "XX000", "tags")]
    [InlineData(false, "23505", "tags")]
    [InlineData(true, "23505", "tags")]
    public async Task SyncAsync_RunEndsBeforeARefusalIsDecided_TheChangeWaitsAndCanBeDiscarded(bool kit, string code, string failing)
    {
        using var harness = Start(kit, code, length: 0);
        await harness.SyncAsync();
        harness.Options.Push.BatchRows = 1;
        harness.Store.Insert(Notes, """{"id":1,"body":"a"}""");
        harness.Store.Insert(failing == "notes" ? Notes : Tags, """{"id":2,"body":"later"}""");
        harness.Server.Responder = static request => request.Method == "POST" && request.Body.Contains("later", StringComparison.Ordinal)
            ? ScriptedResponse.Error(HttpStatusCode.Unauthorized, "PGRST301")
            : null;

        await Assert.ThrowsAsync<SyncAuthException>(() => harness.SyncAsync());

        Assert.All(await harness.ChangesAsync(), static change => Assert.Equal(ChangeState.Waiting, change.State));
        Assert.Contains(harness.Server.Requests, static request => request.Method == "POST" && !request.Body.Contains("later", StringComparison.Ordinal));
        Assert.Equal(1, await harness.Store.DiscardChangesAsync(Notes, [(await harness.ChangesAsync())[0].Id], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_RunEndsWhileARefusedChangeIsSentAgain_ItStaysInFlight(bool kit)
    {
        using var harness = Start(kit, "23505", length: 0);
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"body":"a"}""");
        harness.Store.Insert(Tags, """{"id":2,"body":"b"}""");
        var sent = 0;
        harness.Server.Responder = request =>
            request.Method == "POST" && request.Body is var body && body.Contains("\"a\"", StringComparison.Ordinal) && ++sent > 1
                ? throw new HttpRequestException("The answer is lost.")
                : null;

        var run = harness.SyncAsync();
        for (var second = 0; second < 60 && !run.IsCompleted; second++)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await Assert.ThrowsAsync<SyncTransportException>(() => run);
        Assert.Equal(ChangeState.InFlight, Assert.Single(await harness.ChangesAsync()).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_PolicyOrGrantIsMissing_TheChangesCanBeDiscarded(bool kit)
    {
        using var harness = Start(kit, "54000");
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"body":"a"}""");
        harness.Tables[0].IsWritable = false;

        await Assert.ThrowsAsync<SyncAuthException>(() => harness.SyncAsync());

        var change = Assert.Single(await harness.ChangesAsync());
        Assert.Equal(ChangeState.Waiting, change.State);
        Assert.Equal(1, await harness.Store.DiscardChangesAsync(Notes, [change.Id], TestContext.Current.CancellationToken));
    }

    private static Dataset Define(string name) =>
        SampleDatasets.Versioned(name, "body").Build();

    private static TwoWayHarness Start(bool kit, string code, int length = 1_000_000)
    {
        var harness = new TwoWayHarness(kit, Notes, Tags);
        harness.Tables[0].AddCheck("notes_fts", row => row.Length > length ? code : null);
        return harness;
    }
}
