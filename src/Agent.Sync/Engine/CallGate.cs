using System.Runtime.CompilerServices;

namespace Agent.Sync.Engine;

/// <summary>The calls under way of one engine: closing cancels them and waits for their end. Safe for concurrent use.</summary>
#pragma warning disable CA1001 // A source without a timer holds nothing, and a sequence may ask for its token after the end.
internal sealed class CallGate
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Flows into everything that a call calls back: the app's progress callback, token delegate or resolver.
    private readonly AsyncLocal<Call?> _current = new();
    private int _underWay;

    /// <summary>Gets a value indicating whether the caller was itself called by a call under way, which would wait for itself.</summary>
    public bool IsInside => _current.Value is { IsOver: false };

    /// <summary>Does a call, unless the engine is closed.</summary>
    /// <exception cref="ObjectDisposedException">It is closed; thrown at once.</exception>
    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync(Enter(), work, cancellationToken);

    /// <summary>Does a call without a result, unless the engine is closed.</summary>
    /// <exception cref="ObjectDisposedException">It is closed; thrown at once.</exception>
    public Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            await work(token).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Hands a sequence on. It is under way only while its next item is asked for, not while the app works on one.</summary>
    /// <exception cref="ObjectDisposedException">The engine is closed; thrown at once, and for the next item.</exception>
    public IAsyncEnumerable<T> Enumerate<T>(Func<IAsyncEnumerable<T>> make, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return EnumerateAsync(make(), cancellationToken);
    }

    /// <summary>Lets no further call in, cancels those under way, and returns a task that ends with the last of them.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            if (_closing.IsCancellationRequested)
            {
                return _idle.Task;
            }

            // Counted as a call, so that the end of the others is seen after the cancellation.
            _underWay++;
        }

        try
        {
            _closing.Cancel();
        }
        finally
        {
            Leave();
        }

        return _idle.Task;
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(SyncEngine));

    private Call Enter()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            _underWay++;
        }

        return new Call();
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_underWay > 0 || !_closing.IsCancellationRequested)
            {
                return;
            }
        }

        _idle.TrySetResult();
    }

    private async Task<T> RunAsync<T>(Call call, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        _current.Value = call;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            return await DisposedPart.GuardAsync(() => work(either.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            // The caller looks for its own token.
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (OperationCanceledException exception) when (_closing.IsCancellationRequested)
        {
            throw new OperationCanceledException("The engine was disposed while the call was under way. Everything committed stays.", exception, _closing.Token);
        }
        finally
        {
            call.IsOver = true;
            Leave();
        }
    }

    private async IAsyncEnumerable<T> EnumerateAsync<T>(IAsyncEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        var enumerator = items.GetAsyncEnumerator(either.Token);
        await using (enumerator.ConfigureAwait(false))
        {
            while (await RunAsync(_ => enumerator.MoveNextAsync().AsTask(), cancellationToken).ConfigureAwait(false))
            {
                yield return enumerator.Current;
            }
        }
    }

    private sealed class Call
    {
        private volatile bool _isOver;

        public bool IsOver
        {
            get => _isOver;
            set => _isOver = value;
        }
    }
}
