using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>One process's way to the server.</summary>
internal sealed class SimulatedNetwork(PostgrestDouble server, VirtualTimeProvider time, ProcessFate fate, Action<HttpRequestMessage>? sending = null, Action? answered = null)
    : HttpMessageInvoker(server, disposeHandler: false)
{
    public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await fate.PassAsync();
        sending?.Invoke(request);

        // What is cancelled ends with the clock's next tick, not inside the cancellation's own callback: Polly's timeout
        // waits for that callback to return, and from within it would wait on another thread.
        var stop = new CancellationTokenSource();
        await using var registration = cancellationToken.Register(
            () => _ = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), stop, TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, stop.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            answered?.Invoke();
        }

        await fate.PassAsync();
        return response;
    }
}
