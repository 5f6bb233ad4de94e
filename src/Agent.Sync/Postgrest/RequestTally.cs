using Agent.Sync.Progress;

namespace Agent.Sync.Postgrest;

/// <summary>What the requests of one run cost. Written by the transport, read by progress; safe for concurrent use.</summary>
internal sealed class RequestTally(RunWatch? watch = null)
{
    private long _requests;
    private long _retries;
    private long _slowDowns;
    private long _bytes;
    private long _waitedTicks;

    /// <summary>Gets where the run says what it waits for; null outside a run.</summary>
    public RunWatch? Watch => watch;

    public long Requests => Interlocked.Read(ref _requests);

    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Gets how often the server asked to slow down (429).</summary>
    public long SlowDowns => Interlocked.Read(ref _slowDowns);

    /// <summary>Gets the bytes received, after decompression.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Gets the time spent waiting for the rate limit.</summary>
    public TimeSpan RateLimitWait => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks));

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public void CountRetry() => Interlocked.Increment(ref _retries);

    public void CountSlowDown() => Interlocked.Increment(ref _slowDowns);

    public void CountBytes(long bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        watch?.Step();
    }

    public void CountWait(TimeSpan wait) => Interlocked.Add(ref _waitedTicks, wait.Ticks);
}
