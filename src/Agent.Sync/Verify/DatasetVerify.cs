namespace Agent.Sync.Verify;

/// <summary>Compares one dataset with the server: by digests where the SQL kit has them, then by rows, then the local rows that the server did not show.</summary>
internal sealed class DatasetVerify
{
    private readonly VerifyContext _context;
    private readonly RowHasher _hasher;
    private readonly LocalRows _local;
    private readonly Digests _digests;

    public DatasetVerify(VerifyContext context)
    {
        _context = context;
        _hasher = new RowHasher(context.Dataset, context.Columns);
        _hasher.LeaveOut(context.State.ColumnsLeftOut);
        _local = new LocalRows(context, _hasher);
        _digests = new Digests(context, _hasher);
    }

    private VerifyState State => _context.State;

    public async Task<VerifyOutcome> RunAsync(CancellationToken cancellationToken)
    {
        _context.Reporter.Total = await _local.CountAsync(cancellationToken).ConfigureAwait(false);
        var outcome = await RunPhasesAsync(cancellationToken).ConfigureAwait(false);
        if (outcome is null)
        {
            State.Phase = VerifyPhase.Completed;
            _context.Reporter.Report(State);
        }
        else if (outcome != VerifyOutcome.BudgetReached)
        {
            // The next call looks anew: what ended this one may be mended by then.
            State.Phase = VerifyPhase.Completed;
        }

        await _context.Progress.SaveAsync(State).ConfigureAwait(false);
        return outcome ?? VerifyOutcome.Completed;
    }

    private async Task<VerifyOutcome?> RunPhasesAsync(CancellationToken cancellationToken)
    {
        if (State.Phase == VerifyPhase.Digests && !await CompareDigestsAsync(cancellationToken).ConfigureAwait(false))
        {
            return VerifyOutcome.BudgetReached;
        }

        if (State.Phase == VerifyPhase.Rows && !await CompareRowsAsync(cancellationToken).ConfigureAwait(false))
        {
            return VerifyOutcome.BudgetReached;
        }

        return State.Phase == VerifyPhase.ExtraRows
            ? await new ExtraRows(_context, _local, _hasher).RunAsync(cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <returns>False when the budget is used up.</returns>
    private async Task<bool> CompareDigestsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var answer in _digests.ReadSumsAsync(State.Position, cancellationToken).ConfigureAwait(false))
            {
                foreach (var bucket in answer.Buckets)
                {
                    State.Table.Add(bucket.Bucket, bucket.Rows, bucket.Hash);
                }

                State.Counts.Compared += answer.Walked;
                if (!await AdvanceAsync(answer.Last, answer.Walked, share: 0.8, before: 0).ConfigureAwait(false))
                {
                    return false;
                }
            }
        }
        catch (SyncException exception) when (Digests.IsMissing(exception))
        {
            VerifyLog.DigestsMissing(_context.Log, _context.Dataset.Name, exception.Code!);
            State.Table = new BucketTable();
            State.Counts.Compared = 0;
            Enter(VerifyPhase.Rows);
            return true;
        }

        await ChooseAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Compares the sums with those of the local rows, and chooses the buckets whose rows are compared one by one.</summary>
    private async Task ChooseAsync(CancellationToken cancellationToken)
    {
        var table = new BucketTable();
        await foreach (var rows in _local.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var row in rows)
            {
                if (row.Hash is { } hash)
                {
                    table.Add(hash.Bucket, hash.Row);
                }
            }
        }

        State.Chosen = [.. Enumerable.Range(0, BucketTable.Count).Select(bucket => table.Differs(State.Table, bucket))];
        State.Counts.Buckets = Enumerable.Range(0, BucketTable.Count).Count(bucket => table.RowsIn(bucket) + State.Table.RowsIn(bucket) > 0);
        State.Counts.BucketsDiffered = State.Chosen.Count(static isChosen => isChosen);
        State.Table = new BucketTable();
        Enter(State.Counts.BucketsDiffered == 0 ? VerifyPhase.Completed : VerifyPhase.Rows);
    }

    /// <returns>False when the budget is used up.</returns>
    private async Task<bool> CompareRowsAsync(CancellationToken cancellationToken)
    {
        var hasDigests = State.Chosen is not null;
        IServerRows server = hasDigests ? _digests : new KeyPages(_context, _hasher);
        var comparison = new RowComparison(_context, _local);
        if (_context.Budget.IsOver)
        {
            return false;
        }

        await foreach (var page in server.ReadAsync(State.Position, cancellationToken).ConfigureAwait(false))
        {
            using (page)
            {
                await comparison.CompareAsync(page, cancellationToken).ConfigureAwait(false);
                State.Counts.Compared += hasDigests ? 0 : page.Rows.Count;
                if (!await AdvanceAsync(page.Last, page.Walked, hasDigests ? 0.15 : 0.95, hasDigests ? 0.8 : 0).ConfigureAwait(false))
                {
                    return false;
                }
            }
        }

        Enter(VerifyPhase.ExtraRows);
        return true;
    }

    /// <returns>False when more is to be read and the budget is used up.</returns>
    private async ValueTask<bool> AdvanceAsync(IReadOnlyList<string>? position, long walked, double share, double before)
    {
        State.Position = position;
        State.Counts.Walked += walked;
        _context.Budget.RecordPage();
        _context.Reporter.Report(State, share, before);
        await _context.Lease.RenewIfDueAsync().ConfigureAwait(false);
        if (position is null)
        {
            return true;
        }

        await _context.Progress.SaveIfDueAsync(State).ConfigureAwait(false);
        return !_context.Budget.IsOver;
    }

    private void Enter(VerifyPhase phase)
    {
        State.Phase = phase;
        State.Position = null;
        State.Counts.Walked = 0;
    }
}
