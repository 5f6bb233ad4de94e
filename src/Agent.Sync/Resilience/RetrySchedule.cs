namespace Agent.Sync.Resilience;

/// <summary>How often and after which waits a request is sent again.</summary>
internal sealed class RetrySchedule(RetryOptions options, Func<double> jitter)
{
    private readonly int _maxRetries = options.MaxRetries;
    private readonly TimeSpan _delay = options.Delay;
    private readonly bool _useJitter = options.UseJitter;

    /// <summary>Gets the most retries of one request. A refreshed token gets its one retry even when there are no others.</summary>
    public int MostRetries => Math.Max(1, _maxRetries);

    public bool Allows(ResilientRequest request, int retriesDone) => request switch
    {
        { Failure: null } or { Advice.Mode: RetryMode.Never } => false,
        { Advice.Mode: RetryMode.AtOnce } => retriesDone < MostRetries,
        _ => retriesDone < _maxRetries,
    };

    public TimeSpan NextDelay(ResilientRequest request) => request.Advice switch
    {
        { Mode: RetryMode.AtOnce } => TimeSpan.Zero,
        { Mode: RetryMode.After } advice => advice.Delay,
        { Mode: RetryMode.NotBefore } advice => Longer(advice.Delay, NextBackoff(request, _useJitter)),
        { Mode: RetryMode.JitteredBackoff } => NextBackoff(request, jittered: true),
        _ => NextBackoff(request, _useJitter),
    };

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private TimeSpan NextBackoff(ResilientRequest request, bool jittered)
    {
        var wait = _delay * (1L << request.Backoffs++);
        return jittered ? wait * (0.5 + jitter()) : wait;
    }
}
