using System.Net;
using System.Text;
using System.Text.Json;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Verify;

namespace Agent.Sync.Tests.Verify;

/// <summary>What a verify does when the server, the user or the app steps in.</summary>
public sealed class VerifyFaultTests : IDisposable
{
    private readonly VerifyHarness _harness = new(kit: true);
    private readonly List<int> _asked = [];

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task VerifyAsync_DigestTimesOut_WalksOverHalfAsManyRows()
    {
        await _harness.FillAsync(30);
        var timeouts = 2;
        AnswerDigests(() => timeouts-- > 0 ? ScriptedResponse.Error(HttpStatusCode.InternalServerError, "57014") : null);

        var result = await _harness.VerifyAsync();

        Assert.True(result.IsClean);
        Assert.Equal((30L, CompletenessGrade.Exact), (result.Compared, result.Grade));
        Assert.Equal([25_000, 12_500, 6_250], _asked);
    }

    [Fact]
    public async Task VerifyAsync_DigestAlwaysTimesOut_FailsAtTheFloor()
    {
        await _harness.FillAsync(3);
        AnswerDigests(static () => ScriptedResponse.Error(HttpStatusCode.InternalServerError, "57014"));

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => _harness.VerifyAsync());

        Assert.Equal(SyncErrorKind.StatementTimeout, exception.Kind);
        Assert.Equal(50, _asked[^1]);
    }

    [Theory]
    [InlineData("""{"kit":2,"walked":1,"last":null,"omitted":[],"buckets":[[1,1]]}""")]
    [InlineData("""{"kit":2,"walked":-1,"last":null,"omitted":[],"buckets":[]}""")]
    [InlineData("""{"kit":2,"walked":1,"last":["a","b"],"omitted":[],"buckets":[]}""")]
    [InlineData("""{"walked":1,"last":null,"omitted":[],"buckets":[]}""")]
    [InlineData("[]")]
    public async Task VerifyAsync_AnswerIsNotTheKits_IsAProtocolError(string json)
    {
        await _harness.FillAsync(3);
        AnswerDigests(() => ScriptedResponse.Json(json));

        await Assert.ThrowsAsync<SyncProtocolException>(() => _harness.VerifyAsync(repair: true));
        Assert.Equal(3, _harness.LocalRows.Count);
    }

    [Fact]
    public async Task VerifyAsync_KitOfAnotherVersion_SaysSo()
    {
        await _harness.FillAsync(3);
        AnswerDigests(static () => ScriptedResponse.Json("""{"kit":99,"walked":0,"last":null,"omitted":[],"buckets":[]}"""));

        Assert.Equal(SyncErrorKind.SqlKit, (await Assert.ThrowsAsync<SyncSchemaException>(() => _harness.VerifyAsync())).Kind);
    }

    [Fact]
    public async Task VerifyAsync_DigestGoesInCircles_IsAProtocolError()
    {
        await _harness.FillAsync(3);
        AnswerDigests(static () => ScriptedResponse.Json("""{"kit":2,"walked":1,"last":["7"],"omitted":[],"buckets":[]}"""));

        Assert.Equal(SyncErrorKind.OutOfOrder, (await Assert.ThrowsAsync<SyncProtocolException>(() => _harness.VerifyAsync())).Kind);
    }

    [Fact]
    public async Task VerifyAsync_KitWithoutTheDigest_ComparesKeysInTheExactGrade()
    {
        await _harness.FillAsync(12);
        await _harness.LoseAsync(3);
        await _harness.TamperAsync(5, "tampered");
        await _harness.TamperAsync(77, "extra");

        var result = await _harness.VerifyAsync(repair: true);

        Assert.Equal((1L, 1L, 1L, 0L, CompletenessGrade.Exact), (result.Missing, result.Stale, result.Extra, result.Buckets, result.Grade));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_RowDeletedSinceTheSync_IsNewerAndNotExtra()
    {
        await _harness.FillAsync(12);
        _harness.Table.Delete("4");

        var report = await _harness.VerifyAsync();
        var repair = await _harness.VerifyAsync(repair: true);

        Assert.Equal((0L, 1L, true), (report.Extra, report.Newer, report.IsClean));
        Assert.Equal((0L, 1L), (repair.Extra, repair.Removed));
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_BeforeTheFirstSync_SaysSo()
    {
        Assert.Equal(VerifyOutcome.NotSynced, (await _harness.VerifyAsync()).Outcome);
    }

    [Fact]
    public async Task VerifyAsync_AnotherUser_ComparesNothing()
    {
        await _harness.FillAsync(3);
        _harness.Harness.User = "other";

        Assert.Equal((VerifyOutcome.UserChanged, 0L), (await _harness.VerifyAsync(repair: true)) is var result ? (result.Outcome, result.Compared) : default);
    }

    [Fact]
    public async Task VerifyAsync_AnotherHistory_AsksForAResync()
    {
        await _harness.FillAsync(3);
        _harness.Table.ChangeEpoch();

        var result = await _harness.VerifyAsync(repair: true);

        Assert.Equal((VerifyOutcome.ResyncRequired, ResyncReason.EpochChanged), (result.Outcome, result.ResyncReason));
    }

    [Fact]
    public async Task VerifyAsync_LeaseIsHeld_FailsAndNamesTheReason()
    {
        await _harness.FillAsync(3);
        var now = _harness.Harness.Time.GetUtcNow();
        await _harness.Store.AcquireLeaseAsync(
            new LeaseRequest(CheckpointId.For(_harness.Dataset), new LeaseOwner("elsewhere", 1, 1, Guid.NewGuid()), now, TimeSpan.FromSeconds(30), static _ => false), TestContext.Current.CancellationToken);

        Assert.Equal(SyncErrorKind.LeaseHeld, (await Assert.ThrowsAsync<SyncStoreException>(() => _harness.VerifyAsync())).Kind);
    }

    [Fact]
    public async Task VerifyAsync_OneRequestAtATime_EndsWithTheSameCounts()
    {
        await _harness.FillAsync(2_500);
        await _harness.LoseAsync(1, 1_200, 2_500);
        await _harness.TamperAsync(9_999, "extra");
        var calls = 0;
        VerifyResult result;
        do
        {
            result = await _harness.VerifyAsync(repair: true, static options => options with { MaxRequests = 1 });
            Assert.InRange(++calls, 1, 20);
        }
        while (result.Outcome == VerifyOutcome.BudgetReached);

        Assert.Equal((2_500L, 3L, 1L, 3L, 1L), (result.Compared, result.Missing, result.Extra, result.Restored, result.Removed));
        Assert.InRange(calls, 3, 20);
        Assert.Equal(_harness.ServerRows, _harness.LocalRows);
    }

    [Fact]
    public async Task VerifyAsync_StartOver_ComparesFromTheBeginning()
    {
        await _harness.FillAsync(2_500);
        await _harness.VerifyAsync(with: static options => options with { MaxRequests = 1 });

        var result = await _harness.VerifyAsync(with: static options => options with { StartOver = true });

        Assert.Equal((2_500L, VerifyOutcome.Completed), (result.Compared, result.Outcome));
    }

    [Fact]
    public async Task VerifyAsync_Cancelled_ThrowsAndGoesOn()
    {
        await _harness.FillAsync(2_500);
        using var stop = new CancellationTokenSource();
        var progress = new CancelAtOnce(stop);

        var exception = await Assert.ThrowsAsync<OperationCanceledException>(() => _harness.Engine.VerifyAsync("items", new VerifyOptions(), progress, stop.Token));

        Assert.Equal(stop.Token, exception.CancellationToken);
        Assert.True((await _harness.VerifyAsync()).IsClean);
    }

    [Fact]
    public async Task VerifyAsync_OptionOutOfRange_IsRefused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _harness.VerifyAsync(with: static options => options with { MaxRequests = 0 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _harness.VerifyAsync(with: static options => options with { MaxDuration = TimeSpan.Zero }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _harness.VerifyAsync(with: static options => options with { LeaseWait = TimeSpan.FromSeconds(-1) }));
    }

    /// <summary>Answers the digest of the whole table, unless a test has another answer.</summary>
    private void AnswerDigests(Func<ScriptedResponse?> instead) => _harness.Server.Responder = request =>
    {
        if (!request.Path.EndsWith("/rpc/digest", StringComparison.Ordinal))
        {
            return null;
        }

        using var body = JsonDocument.Parse(request.Body);
        _asked.Add(body.RootElement.GetProperty("request").GetProperty("rows").GetInt32());
        return instead() ?? ScriptedResponse.Json(Digest());
    };

    private string Digest()
    {
        var stored = _harness.Stored;
        var table = new BucketTable();
        var hasher = new RowHasher(stored, [.. stored.KeyOrdinals, stored.CursorOrdinal]);
        foreach (var row in _harness.ServerRows)
        {
            var hash = hasher.Hash(Encoding.UTF8.GetBytes(row));
            table.Add(hash.Bucket, hash.Row);
        }

        var buckets = Enumerable.Range(0, BucketTable.Count).Where(bucket => table.RowsIn(bucket) > 0)
            .Select(bucket => $"[{bucket},{table.RowsIn(bucket)},\"{table.HashOf(bucket):x}\"]");
        return $$"""{"kit":2,"walked":{{_harness.ServerRows.Count}},"last":null,"omitted":[],"buckets":[{{string.Join(',', buckets)}}]}""";
    }

    private sealed class CancelAtOnce(CancellationTokenSource stop) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value) => stop.Cancel();
    }
}
