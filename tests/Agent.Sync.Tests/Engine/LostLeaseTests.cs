using System.Net;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Engine;

/// <summary>A process that sleeps while a write waits to be tried again, and another one that takes over.</summary>
public sealed class LostLeaseTests
{
    private static readonly Dataset Items = SampleDatasets.Of("items", "name").Build();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_LeaseLostBetweenTwoAttempts_DoesNotSendTheOlderEditAgain(bool kit)
    {
        using var harness = new TwoWayHarness(kit, Items);
        harness.Options.Push.ConflictPolicy = ConflictPolicy.LocalWins;
        harness.Tables[0].Insert("""{"id":1,"name":"first"}""");
        await harness.SyncAsync();
        harness.Store.Update(Items, """{"name":"older"}""", "1");
        harness.Server.Responder = static request =>
            IsWrite(request) ? ScriptedResponse.Error(HttpStatusCode.ServiceUnavailable, "PGRST001", retryAfter: "40") : null;
        var sleeper = harness.SyncAsync(SyncDirection.Push);

        harness.Time.Advance(TimeSpan.FromSeconds(35));
        harness.Server.Responder = null;
        harness.Store.Update(Items, """{"name":"newer"}""", "1");
        var other = await harness.OfProject(PostgrestDouble.Url).SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var writes = harness.Server.Requests.Count(IsWrite);
        harness.Time.Advance(TimeSpan.FromSeconds(10));

        var lost = await Assert.ThrowsAsync<SyncStoreException>(() => sleeper);
        Assert.Equal((SyncErrorKind.LeaseLost, true), (lost.Kind, lost.IsTransient));
        Assert.Equal((SyncOutcome.Completed, 2L), (other.Outcome, other.Datasets[0].Pushed));
        Assert.Contains("newer", harness.Tables[0].FindRow("1"), StringComparison.Ordinal);
        Assert.Equal(writes, harness.Server.Requests.Count(IsWrite));
    }

    private static bool IsWrite(RecordedRequest request) =>
        request.Method == "PATCH" || request.Path.EndsWith("/rpc/push", StringComparison.Ordinal) || (request.Method == "POST" && request.Path.EndsWith("/items", StringComparison.Ordinal));
}
