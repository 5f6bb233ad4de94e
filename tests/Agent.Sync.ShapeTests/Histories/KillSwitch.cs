namespace Agent.Sync.ShapeTests.Histories;

/// <summary>Where a run ends before its time.</summary>
internal enum KillPoint
{
    None,

    /// <summary>The run is cancelled before a request is sent.</summary>
    CancelBeforeRequest,

    /// <summary>The server has done what was asked; the run is cancelled before the answer is looked at.</summary>
    CancelAfterAnswer,

    /// <summary>The server has done what was asked; the connection breaks before the answer comes.</summary>
    LoseAnswer,

    /// <summary>Nothing ends: the app edits rows while a request is under way.</summary>
    EditMeanwhile,

    /// <summary>The process dies before a call of the store.</summary>
    DieBeforeStore,

    /// <summary>The process dies after a call of the store.</summary>
    DieAfterStore,
}

/// <summary>Ends one run at the n-th request, or the n-th call of its store.</summary>
internal sealed class KillSwitch(KillPoint point, int count) : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private int _requests;
    private int _calls;

    public static KillSwitch Never => new(KillPoint.None, 0);

    /// <summary>Gets what the app does meanwhile.</summary>
    public Func<Task>? Meanwhile { get; init; }

    public CancellationToken Token => _source.Token;

    /// <summary>Gets whether the process is dead: it touches nothing any more.</summary>
    public bool IsDead { get; private set; }

    public override string ToString() => $"{point} {count}";

    public async Task<HttpResponseMessage> SendAsync(Func<Task<HttpResponseMessage>> send)
    {
        RequireLife();
        var isNow = Interlocked.Increment(ref _requests) == count;
        if (isNow && point == KillPoint.CancelBeforeRequest)
        {
            await _source.CancelAsync();
            _source.Token.ThrowIfCancellationRequested();
        }

        var response = await send();
        if (isNow && point == KillPoint.EditMeanwhile && Meanwhile is not null)
        {
            await Meanwhile();
        }

        if (isNow && point == KillPoint.CancelAfterAnswer)
        {
            response.Dispose();
            await _source.CancelAsync();
            _source.Token.ThrowIfCancellationRequested();
        }

        if (isNow && point == KillPoint.LoseAnswer)
        {
            response.Dispose();
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was reset.");
        }

        return response;
    }

    public void BeforeCall()
    {
        RequireLife();
        if (Interlocked.Increment(ref _calls) == count && point == KillPoint.DieBeforeStore)
        {
            Die();
        }
    }

    public void AfterCall()
    {
        if (Volatile.Read(ref _calls) == count && point == KillPoint.DieAfterStore)
        {
            Die();
        }
    }

    public void Dispose() => _source.Dispose();

    private void Die()
    {
        IsDead = true;
        RequireLife();
    }

    private void RequireLife()
    {
        if (IsDead)
        {
            throw new ProcessDiedException();
        }
    }
}

/// <summary>Stands for the end of the process.</summary>
internal sealed class ProcessDiedException() : Exception("The process is dead.");
