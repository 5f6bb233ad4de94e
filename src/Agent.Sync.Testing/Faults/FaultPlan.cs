using System.Globalization;
using System.Net;
using Agent.Sync.Testing.Faults;

namespace Agent.Sync.Testing;

/// <summary>Decides when what goes wrong: a pure function of its seed and of the order of the events, with a counter per fault.</summary>
/// <remarks>
/// Attach it to a <see cref="PostgrestDouble"/> and wrap the stores in <see cref="FaultyLocalStore"/>,
/// <see cref="FaultyTransactionalStore"/> or <see cref="FaultyCheckpointStore"/>. The same seed and the same events give
/// the same faults. Safe for concurrent use; repeatable only from one thread.
/// </remarks>
public sealed class FaultPlan
{
    private static readonly FaultKind[] PageKinds = [.. Enum.GetValues<FaultKind>().Where(static kind => kind < FaultKind.ApplyFailsBefore)];

    private readonly Lock _gate = new();
    private readonly ulong _seed;
    private readonly double _share;
    private readonly Dictionary<FaultPhase, FaultKind[]> _kinds;
    private readonly Dictionary<FaultPhase, ulong> _events = [];
    private readonly Dictionary<FaultKind, long> _counts = [];
    private readonly Dictionary<string, int> _reached = new(StringComparer.Ordinal);
    private FaultKind _burst;
    private int _burstLeft;
    private long _fired;
    private (string Point, int Occurrence)? _killAt;
    private string? _killedAt;

    /// <summary>Initializes a new instance.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="share">The share of events at which something goes wrong, 0 to 1.</param>
    /// <param name="kinds">The faults to choose from; none means nothing goes wrong by itself.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not between 0 and 1.</exception>
    public FaultPlan(ulong seed, double share = 0, params FaultKind[] kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        _seed = seed;
        _share = share;
        _kinds = kinds.GroupBy(PhaseOf).ToDictionary(static group => group.Key, static group => group.ToArray());
    }

    /// <summary>Gets every fault of a page request, for a plan that knows them all.</summary>
    public static IReadOnlyList<FaultKind> AllPageFaults => PageKinds;

    /// <summary>Gets or sets how many faults fire at most. The default is no bound.</summary>
    public long MaxFaults { get; set; } = long.MaxValue;

    /// <summary>Gets or sets a value indicating whether nothing goes wrong any more. The default is false.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Gets the named point at which the process was killed; null while it lives.</summary>
    public string? KilledAt
    {
        get
        {
            lock (_gate)
            {
                return _killedAt;
            }
        }
    }

    /// <summary>Gets how often each named point was reached, for tests that kill at every one of them.</summary>
    public IReadOnlyDictionary<string, int> ReachedPoints
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, int>(_reached);
            }
        }
    }

    /// <summary>Returns how often a fault fired.</summary>
    /// <param name="kind">The fault.</param>
    /// <returns>The count, from 0.</returns>
    public long CountOf(FaultKind kind)
    {
        lock (_gate)
        {
            return _counts.GetValueOrDefault(kind);
        }
    }

    /// <summary>Makes a server's answers go wrong by this plan, and its requests die with the process.</summary>
    /// <param name="server">The server; its <see cref="PostgrestDouble.Responder"/> is replaced.</param>
    public void AttachTo(PostgrestDouble server)
    {
        ArgumentNullException.ThrowIfNull(server);
        server.Responder = request =>
        {
            Reach("get-page");
            return request.Path.StartsWith("/rest/", StringComparison.Ordinal) ? NextResponse(server) : null;
        };
    }

    /// <summary>Kills the process when a named point is reached for the given time.</summary>
    /// <param name="point">The point, such as <c>apply:after</c>; see <see cref="ReachedPoints"/>.</param>
    /// <param name="occurrence">Which time, from 1, counted since the plan was made.</param>
    public void KillAt(string point, int occurrence = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(point);
        ArgumentOutOfRangeException.ThrowIfLessThan(occurrence, 1);
        lock (_gate)
        {
            _killAt = (point, occurrence);
        }
    }

    /// <summary>Starts the process again after a kill. What was durable is there.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _killedAt = null;
        }
    }

    /// <summary>Passes a named point, or dies there.</summary>
    /// <param name="point">The point's name.</param>
    /// <exception cref="SimulatedKillException">The process is killed here, or was killed before.</exception>
    public void Reach(string point)
    {
        ArgumentException.ThrowIfNullOrEmpty(point);
        lock (_gate)
        {
            if (_killedAt is { } dead)
            {
                throw new SimulatedKillException(dead);
            }

            var occurrence = _reached.GetValueOrDefault(point) + 1;
            _reached[point] = occurrence;
            var isPlanned = _killAt == (point, occurrence);
            if (isPlanned || Next(FaultPhase.Kill) is not null)
            {
                if (isPlanned)
                {
                    Count(FaultKind.Kill);
                }

                _killedAt = point;
                throw new SimulatedKillException(point);
            }
        }
    }

    internal FaultKind? Next(FaultPhase phase)
    {
        lock (_gate)
        {
            var number = _events.GetValueOrDefault(phase);
            _events[phase] = number + 1;
            if (IsStopped || _fired >= MaxFaults || !_kinds.TryGetValue(phase, out var kinds))
            {
                return null;
            }

            var roll = Roll(phase, number, 0);
            if ((roll >> 11) * (1.0 / (1UL << 53)) >= _share)
            {
                return null;
            }

            var kind = kinds[Roll(phase, number, 1) % (ulong)kinds.Length];
            Count(kind);
            return kind;
        }
    }

    private static FaultPhase PhaseOf(FaultKind kind) => kind switch
    {
        FaultKind.ApplyFailsBefore or FaultKind.ApplyFailsAfter => FaultPhase.Apply,
        FaultKind.CheckpointFailsBefore or FaultKind.CheckpointFailsAfter => FaultPhase.Checkpoint,
        FaultKind.TakeFailsBefore or FaultKind.TakeFailsAfter => FaultPhase.Take,
        FaultKind.SettleFailsBefore or FaultKind.SettleFailsAfter => FaultPhase.Settle,
        FaultKind.Kill => FaultPhase.Kill,
        _ => FaultPhase.GetPage,
    };

    private ScriptedResponse? NextResponse(PostgrestDouble server)
    {
        lock (_gate)
        {
            if (_burstLeft > 0 && !IsStopped)
            {
                _burstLeft--;
                return Respond(_burst, server);
            }

            if (Next(FaultPhase.GetPage) is not { } kind)
            {
                return null;
            }

            if (kind is FaultKind.ServerErrorBurst or FaultKind.UnauthorizedStorm)
            {
                _burst = kind;
                _burstLeft = 1 + (int)(Roll(FaultPhase.GetPage, _events[FaultPhase.GetPage], 2) % 4);
            }

            return Respond(kind, server);
        }
    }

    private ScriptedResponse Respond(FaultKind kind, PostgrestDouble server)
    {
        var choice = Roll(FaultPhase.GetPage, _events[FaultPhase.GetPage], 3);
        return kind switch
        {
            FaultKind.ConnectionRefused => ScriptedResponse.Broken(ResponseFault.ConnectionRefused),
            FaultKind.ResetBeforeHeaders => ScriptedResponse.Broken(ResponseFault.ResetBeforeHeaders),
            FaultKind.ResetMidBody => ScriptedResponse.Broken(ResponseFault.ResetMidBody),
            FaultKind.ShortBody => ScriptedResponse.Broken(ResponseFault.ShortBody),
            FaultKind.TruncatedBody => ScriptedResponse.Broken(ResponseFault.TruncatedBody),
            FaultKind.BadGzip => ScriptedResponse.Broken(ResponseFault.BadGzip),
            FaultKind.SlowDrip => new ScriptedResponse { Fault = ResponseFault.SlowDrip, DripBytes = 4096, DripPause = TimeSpan.FromMilliseconds(50) },
            FaultKind.TooManyRequests => ScriptedResponse.Error(HttpStatusCode.TooManyRequests, null, RetryAfter(choice, server)),
            FaultKind.Unavailable => ScriptedResponse.Error(HttpStatusCode.ServiceUnavailable, "PGRST000", RetryAfter(choice, server)),
            FaultKind.ServerErrorBurst => ScriptedResponse.Error(choice % 2 == 0 ? HttpStatusCode.BadGateway : HttpStatusCode.GatewayTimeout),
            FaultKind.Unauthorized or FaultKind.UnauthorizedStorm => ScriptedResponse.Error(HttpStatusCode.Unauthorized, "PGRST301"),
            FaultKind.StatementTimeout => ScriptedResponse.Error(HttpStatusCode.InternalServerError, "57014"),
            FaultKind.WrongContentType => ScriptedResponse.Json("<html></html>") with { ContentType = "text/html" },
            FaultKind.RepeatPage => ScriptedResponse.Broken(ResponseFault.RepeatPage),
            _ => ScriptedResponse.Broken(ResponseFault.LoopBack),
        };
    }

    private static string? RetryAfter(ulong choice, PostgrestDouble server) => (choice % 7) switch
    {
        0 => null,
        1 => "0",
        2 => "2",
        3 => "-5",
        4 => "soon",
        5 => "Wed, 21 Oct 2015 07:28:00 GMT",
        _ => (server.ServerTime + TimeSpan.FromSeconds(3)).ToString("R", CultureInfo.InvariantCulture),
    };

    private void Count(FaultKind kind)
    {
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        _fired++;
    }

    /// <summary>SplitMix64 over the seed, the phase, the event's number and what is decided.</summary>
    private ulong Roll(FaultPhase phase, ulong number, ulong decision)
    {
        var z = _seed + (0x9E3779B97F4A7C15UL * ((number * 32) + ((ulong)phase * 4) + decision + 1));
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
