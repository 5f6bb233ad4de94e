namespace Agent.Sync.Resilience;

/// <summary>How many attempts succeeded lately, for a breaker that is made when the first one fails. Used by one thread at a time.</summary>
/// <remarks>Counted in the windows in which Polly counts, so that a breaker that is told about them is where it would be if it had seen them itself.</remarks>
internal sealed class SuccessHistory(TimeSpan span, TimeProvider time)
{
    private const int WindowsInSpan = 10;

    private readonly TimeSpan _windowLength = span / WindowsInSpan;
    private readonly Queue<Window> _windows = new();
    private Window? _current;

    public void Add()
    {
        var now = time.GetUtcNow();
        if (_current is null || now - _current.Start >= _windowLength)
        {
            _current = new Window(now);
            _windows.Enqueue(_current);
        }

        _current.Successes++;
        while (now - _windows.Peek().Start >= span)
        {
            _windows.Dequeue();
        }
    }

    /// <summary>Tells every success again, with the time that it counts from, and forgets them.</summary>
    public void Replay(Action<DateTimeOffset> succeed)
    {
        foreach (var window in _windows)
        {
            for (var success = 0; success < window.Successes; success++)
            {
                succeed(window.Start);
            }
        }

        _windows.Clear();
        _current = null;
    }

    private sealed class Window(DateTimeOffset start)
    {
        public DateTimeOffset Start => start;

        public int Successes { get; set; }
    }
}
