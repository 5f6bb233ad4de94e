namespace Agent.Sync.Resilience;

/// <summary>One user's token bucket on a TimeProvider, with fair waiters. Completes them outside its lock.</summary>
internal sealed class UserBucket
{
    private const double SlowestRate = 0.5;

    // Rounding may leave a token a hair short of whole.
    private const double AlmostOne = 1 - 1e-9;

    private static readonly TimeSpan DoublingTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SameBurst = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly TimeProvider _time;
    private readonly double _rate;
    private readonly int _burst;
    private double _tokens;
    private double _share = 1;
    private long _filledAt;
    private long _usedAt;
    private long? _slowedAt;
    private ITimer? _timer;

    public UserBucket(double rate, int burst, TimeProvider time)
    {
        _rate = rate;
        _burst = burst;
        _time = time;
        _tokens = burst;
        _filledAt = time.GetTimestamp();
    }

    private double Capacity => Math.Max(1, _burst * _share);

    public ValueTask<TimeSpan> AcquireAsync(CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            Fill();
            _usedAt = _filledAt;
            if (_waiters.Count == 0 && TryTake())
            {
                return new ValueTask<TimeSpan>(TimeSpan.Zero);
            }

            waiter = new Waiter(this, _filledAt);
            _waiters.AddLast(waiter.Node);
            if (_timer is null)
            {
                Arm();
            }
        }

        return WaitAsync(waiter, cancellationToken);
    }

    public double? Slow()
    {
        lock (_gate)
        {
            Fill();
            if (_slowedAt is { } last && _time.GetElapsedTime(last, _filledAt) < SameBurst)
            {
                return null;
            }

            _slowedAt = _filledAt;
            _share = Math.Max(Math.Min(1, SlowestRate / _rate), _share / 2);
            _tokens = Math.Min(_tokens, Capacity);
            return _rate * _share;
        }
    }

    /// <summary>Returns when somebody last asked; null when the bucket holds nothing worth keeping, the latest time while somebody waits.</summary>
    public long? LastUse()
    {
        lock (_gate)
        {
            if (_waiters.Count > 0)
            {
                return long.MaxValue;
            }

            Fill();
            return _tokens < Capacity || _share < 1 ? _usedAt : null;
        }
    }

    private async ValueTask<TimeSpan> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(static (state, token) => ((Waiter)state!).Cancel(token), waiter))
        {
            await waiter.Granted.Task.ConfigureAwait(false);
        }

        return _time.GetElapsedTime(waiter.Since);
    }

    private void Fill()
    {
        var now = _time.GetTimestamp();
        var elapsed = _time.GetElapsedTime(_filledAt, now);
        _filledAt = now;
        if (elapsed <= TimeSpan.Zero)
        {
            return;
        }

        var grown = _tokens + (elapsed.TotalSeconds * _rate * _share);
        _share = Math.Min(1, _share * Math.Pow(2, elapsed / DoublingTime));
        _tokens = Math.Min(grown, Capacity);
    }

    private bool TryTake()
    {
        if (_tokens < AlmostOne)
        {
            return false;
        }

        _tokens = Math.Max(0, _tokens - 1);
        return true;
    }

    private void Arm()
    {
        var wait = TimeSpan.FromSeconds(Math.Max(0, 1 - _tokens) / (_rate * _share));

        // System timers count milliseconds: a shorter wait would fire too early, again and again.
        wait = wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait;
        if (_timer is null)
        {
            _timer = _time.CreateTimer(static state => ((UserBucket)state!).Grant(), this, wait, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Grant()
    {
        List<Waiter> granted = [];
        lock (_gate)
        {
            Fill();
            while (_waiters.First is { } first && TryTake())
            {
                _waiters.Remove(first);
                granted.Add(first.Value);
            }

            Rearm();
        }

        foreach (var waiter in granted)
        {
            waiter.Granted.TrySetResult();
        }
    }

    private void Rearm()
    {
        if (_waiters.Count > 0)
        {
            Arm();
        }
        else
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    private bool TryLeave(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Node.List is null)
            {
                return false;
            }

            _waiters.Remove(waiter.Node);
            Rearm();
            return true;
        }
    }

    private sealed class Waiter
    {
        private readonly UserBucket _bucket;

        public Waiter(UserBucket bucket, long since)
        {
            _bucket = bucket;
            Since = since;
            Node = new LinkedListNode<Waiter>(this);
        }

        public LinkedListNode<Waiter> Node { get; }

        public long Since { get; }

        // Continuations run inline, outside the lock: a simulation stays on its one thread.
        public TaskCompletionSource Granted { get; } = new();

        public void Cancel(CancellationToken cancellationToken)
        {
            if (_bucket.TryLeave(this))
            {
                Granted.TrySetCanceled(cancellationToken);
            }
        }
    }
}
