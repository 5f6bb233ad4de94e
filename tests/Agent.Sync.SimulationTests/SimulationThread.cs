using System.Collections.Concurrent;

namespace Agent.Sync.SimulationTests;

/// <summary>Runs seeds, each on one thread from its first step to its last, and as many at once as there are cores.</summary>
internal static class SimulationThread
{
    // Everything goes on inline: what answers at once calls what comes next, for a whole backfill.
    private const int StackBytes = 256 << 20;

    // A hole breaks most seeds; the first few say as much as all.
    private const int MostFailures = 20;

    /// <summary>Runs every seed and returns what each gave. Fails with every seed that broke.</summary>
    public static IReadOnlyList<T> RunAll<T>(IEnumerable<int> seeds, Func<int, T> run)
    {
        var waiting = new ConcurrentQueue<int>(seeds);
        var results = new ConcurrentDictionary<int, T>();
        var failures = new ConcurrentDictionary<int, Exception>();
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work, StackBytes)).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        if (!failures.IsEmpty)
        {
            var first = failures.Keys.Min();
            var reasons = failures.OrderBy(static item => item.Key).Select(static item => $"  {item.Key}: {item.Value.GetBaseException().Message.Split('\n')[0]}");
            throw new InvalidOperationException($"Seeds that break: {string.Join(' ', failures.Keys.Order())}.\n{string.Join('\n', reasons)}", failures[first]);
        }

        return [.. results.OrderBy(static item => item.Key).Select(static item => item.Value)];

        void Work()
        {
            while (failures.Count < MostFailures && waiting.TryDequeue(out var seed))
            {
                try
                {
                    results[seed] = run(seed);
                }
#pragma warning disable CA1031 // A seed that breaks must not end the process.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failures[seed] = exception;
                }
            }
        }
    }

    /// <summary>Fails when work left the thread of its run: then no seed would repeat it.</summary>
    public static void Require(int thread) =>
        Assert.True(thread == Environment.CurrentManagedThreadId, "Work went on in the thread pool, past the seams: the seed does not repeat it.");
}
