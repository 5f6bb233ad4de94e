using System.Net;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>
/// The k-th request or the k-th store call of a run fails, once or from then on, for every k that the run reaches. It ends with a typed exception or an outcome, loses nothing,
/// and a run without the fault brings both sides together.
/// </summary>
public sealed class FaultSweepTests(ITestOutputHelper output)
{
    private static readonly string[] Scenarios = ["first sync", "push and pull", "resumed first sync", "resync"];

    [Fact]
    public void Run_EachRequestFails_EndsTypedAndLosesNothing()
    {
        (string Name, ScriptedResponse Answer)[] faults =
        [
            ("refused", ScriptedResponse.Broken(ResponseFault.ConnectionRefused)),
            ("answer lost", ScriptedResponse.Broken(ResponseFault.ResetBeforeHeaders)),
            ("XX000", ScriptedResponse.Error(HttpStatusCode.InternalServerError, "XX000")),
        ];
        Sweep([.. from fault in faults from forGood in new[] { false, true } select new Fault($"{fault.Name}{(forGood ? " for good" : string.Empty)}", Sweep: (world, k) => world.FailRequest(k, forGood, fault.Answer))]);
    }

    [Fact]
    public void Run_EachStoreCallFails_EndsTypedAndLosesNothing() =>
        Sweep([.. from after in new[] { false, true } from forGood in new[] { false, true } select new Fault($"store {(after ? "after" : "before")}{(forGood ? " for good" : string.Empty)}", Sweep: (world, k) => world.FailStoreCall(k, after, forGood))]);

    private void Sweep(Fault[] faults)
    {
        var cases = (from scenario in Scenarios from hasKit in new[] { false, true } from together in new[] { false, true } from fault in faults select (scenario, hasKit, together, fault)).ToList();
        var reached = SimulationThread.RunAll(Enumerable.Range(0, cases.Count), index =>
        {
            var (scenario, hasKit, together, fault) = cases[index];
            for (var k = 1; ; k++)
            {
                var world = new FaultSweepWorld(scenario, hasKit, together);
                try
                {
                    if (!world.Run(() => fault.Sweep(world, k)))
                    {
                        return k - 1;
                    }
                }
                catch (Exception exception)
                {
                    throw new InvalidOperationException(
                        $"{scenario}, {(hasKit ? "kit" : "plain")}, {(together ? "one store" : "two stores")}, {fault.Name}, call {k}: {exception.GetBaseException().Message}{Environment.NewLine}{string.Join(Environment.NewLine, world.Events.TakeLast(60))}", exception);
                }
            }
        });
        output.WriteLine($"{reached.Sum()} runs of {cases.Count} kinds; up to call {reached.Max()}");
        Assert.All(reached, static last => Assert.True(last > 2, "The run makes more calls than that."));
    }

    private sealed record Fault(string Name, Func<FaultSweepWorld, int, ProcessFate> Sweep);
}
