namespace Agent.Sync.Engine;

/// <summary>The runs of one engine, in the order in which they were asked for: a run starts when no earlier one has a dataset of it. Safe for concurrent use.</summary>
internal sealed class RunQueue
{
    private readonly Lock _gate = new();
    private readonly List<Turn> _turns = [];

    /// <summary>Waits for a run's turn.</summary>
    /// <param name="datasets">The datasets of the run.</param>
    /// <param name="isInside">Whether the caller was itself called by a run, which would wait for itself.</param>
    /// <param name="cancellationToken">Gives the turn up.</param>
    /// <returns>The turn; its disposal lets the next run start.</returns>
    /// <exception cref="SyncStalledException">An earlier run was given up and has not ended.</exception>
    /// <exception cref="InvalidOperationException">The run would wait for the one that asks for it.</exception>
    public async Task<Turn> EnterAsync(IReadOnlyCollection<Dataset> datasets, bool isInside, CancellationToken cancellationToken)
    {
        Turn turn;
        Task[] earlier;
        lock (_gate)
        {
            earlier = [.. _turns.Where(other => other.Datasets.Overlaps(datasets)).Select(static other => other.Ended)];
            if (earlier.Length > 0 && isInside)
            {
                throw new InvalidOperationException(
                    "The engine was asked to sync a dataset from within a run that syncs it, such as from a progress callback or a resolver: the run would wait for itself. Start it after the run has ended.");
            }

            turn = new Turn(this, datasets);
            _turns.Add(turn);
        }

        try
        {
            await Task.WhenAll(earlier).WaitAsync(cancellationToken).ConfigureAwait(false);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    internal sealed class Turn(RunQueue queue, IEnumerable<Dataset> datasets) : IDisposable
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HashSet<Dataset> Datasets { get; } = [.. datasets];

        public Task Ended => _ended.Task;

        /// <summary>Ends the waiting for a run that was given up: who waits for it, and who comes while it has not ended, fails with its failure.</summary>
        public void GiveUp(SyncStalledException failure)
        {
            _ended.TrySetException(failure);

            // Nobody may be waiting.
            _ = _ended.Task.Exception;
        }

        public void Dispose()
        {
            lock (queue._gate)
            {
                queue._turns.Remove(this);
            }

            _ended.TrySetResult();
        }
    }
}
