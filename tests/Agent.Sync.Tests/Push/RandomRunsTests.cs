using System.Globalization;
using System.Text;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Push;

/// <summary>Random edits against a server that fails at random: no edit is lost (I2), none overtakes another of its row (I8).</summary>
public sealed class RandomRunsTests
{
    private const int Keys = 12;
    private const string Bad = "bad";

    [Theory]
    [InlineData(false, ConflictPolicy.ServerWins)]
    [InlineData(true, ConflictPolicy.ServerWins)]
    [InlineData(false, ConflictPolicy.LocalWins)]
    [InlineData(true, ConflictPolicy.LocalWins)]
    [InlineData(false, ConflictPolicy.Resolver)]
    [InlineData(true, ConflictPolicy.Resolver)]
    public async Task Run_AnyAnswers_NoEditIsLostAndOrderIsKept(bool kit, ConflictPolicy policy)
    {
        var faults = 0;
        for (var seed = 0; seed < 150; seed++)
        {
            faults += await RunSeedAsync(seed, kit, policy);
        }

        Assert.True(faults > 300, "The faults hardly fired.");
    }

    private static async Task<int> RunSeedAsync(int seed, bool kit, ConflictPolicy policy)
    {
        var random = new Random(seed);
        var harness = new PushHarness(kit);
        harness.Options.Push.BatchRows = random.Next(1, 6);
        harness.Options.Push.MaxQuarantinedShare = 1;
        harness.Options.Push.ConflictPolicy = policy;
        harness.Options.Push.ConflictResolver = static (_, _) => new ValueTask<ConflictDecision>(ConflictDecision.LocalWins);
        harness.Share([.. Enumerable.Range(1, Keys / 2).Select(static id => ((long)id, "0"))]);
        harness.Server.Double.MaxRows = random.Next(1, 20);
        var last = new Dictionary<long, int>();
        harness.Server.Refuse = row =>
        {
            var (id, name) = ((long)row["id"]!, (string)row["name"]!);
            if (name.StartsWith(Bad, StringComparison.Ordinal))
            {
                return "23514";
            }

            // Each edit has a higher number: a lower one after a higher one has overtaken it.
            var number = int.Parse(name, CultureInfo.InvariantCulture);
            Assert.True(number >= last.GetValueOrDefault(id), $"Seed {seed}: an edit was overtaken.");
            last[id] = number;
            return null;
        };

        harness.Options.Push.MaxRequests = random.Next(1, 5);
        harness.Server.Wait = (_, _, token) => Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 50)), harness.Time, token);
        var faults = 0;
        var internalErrors = new StringBuilder();
        harness.Server.Before = (_, call) => Fault(call, before: true);
        harness.Server.After = (_, call) => Fault(call, before: false);
        for (var (run, edit) = (0, 1); run < 6; run++)
        {
            for (var edits = random.Next(0, 8); edits > 0; edits--)
            {
                Edit(harness, random, edit++);
            }

            try
            {
                await harness.DriveAsync();
            }
            catch (SyncException)
            {
                // The next run goes on.
            }
        }

        (harness.Server.Before, harness.Server.After) = (static (_, _) => null, static (_, _) => null);
        Assert.Equal(SyncOutcome.Completed, await harness.DriveAsync());
        Assert.Equal(SyncOutcome.Completed, await harness.DriveAsync());
        await CheckAsync(harness, seed, internalErrors);
        return faults;

        Exception? Fault(ApiCall call, bool before)
        {
            if (random.Next(100) >= 20)
            {
                return null;
            }

            faults++;
            return !before ? Failures.Lost() : random.Next(4) switch
            {
                0 => Failures.Answered(503, null, call),
                1 => Failures.Answered(500, "57014", call),
                2 => InternalError(call),
                _ => Failures.Lost(),
            };
        }

        SyncException InternalError(ApiCall call)
        {
            internalErrors.Append(Encoding.UTF8.GetString(call.Body.Span));
            return Failures.Answered(500, "XX000", call);
        }
    }

    private static void Edit(PushHarness harness, Random random, int number)
    {
        var id = random.Next(1, Keys + 1);
        var name = random.Next(10) == 0 ? $"{Bad}{number}" : number.ToString(CultureInfo.InvariantCulture);
        if (harness.LocalRow(id) is null)
        {
            harness.Insert(id, name);
        }
        else if (random.Next(4) == 0)
        {
            harness.Delete(id);
        }
        else
        {
            harness.Update(id, name);
        }
    }

    /// <summary>Nobody else wrote, so both sides are the same but for what is in quarantine, and no policy was ever needed.</summary>
    private static async Task CheckAsync(PushHarness harness, int seed, StringBuilder internalErrors)
    {
        var changes = await harness.ListAsync();
        Assert.All(changes, static change => Assert.Equal(ChangeState.Quarantined, change.State));
        var quarantined = changes.Select(static change => change.Key).ToHashSet();

        // A row that met an internal error again and again while others went through is quarantined for it. An insert that had arrived before it,
        // unanswered, and was edited since, meets itself then.
        var errors = internalErrors.ToString();
        var unlucky = changes.Where(change => change.Code == "XX000" || (change.Code == ChangeCodes.KeyTaken && errors.Contains(change.Key[..^1] + ",", StringComparison.Ordinal))).Select(static change => change.Key).ToHashSet();
        for (var id = 1L; id <= Keys; id++)
        {
            if (quarantined.Contains($"{{\"id\":{id}}}"))
            {
                Assert.True(unlucky.Contains($"{{\"id\":{id}}}") || harness.LocalRow(id)?.Contains(Bad, StringComparison.Ordinal) == true, $"Seed {seed}: row {id} is quarantined for nothing.");
                continue;
            }

            var server = harness.Server.Find(id) is { } row ? $"\"name\":\"{row["name"]}\"" : null;
            Assert.True(
                server is null ? harness.LocalRow(id) is null : harness.LocalRow(id)?.Contains(server, StringComparison.Ordinal) == true,
                $"Seed {seed}: row {id} is {server ?? "gone"} there and {harness.LocalRow(id) ?? "gone"} here.");
        }
    }
}
