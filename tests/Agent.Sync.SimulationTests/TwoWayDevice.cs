using System.Globalization;
using System.Text.Json;
using Agent.Sync.Engine;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>One device of a two-way run: its disk, its app's edits, its processes.</summary>
internal sealed class TwoWayDevice
{
    private readonly int _number;
    private readonly string _user;
    private readonly TwoWaySettings _settings;
    private readonly TwoWayServer _server;
    private readonly VirtualTimeProvider _time;
    private readonly Random _random;
    private readonly SimulatedDisk _disk;
    private readonly DevicePromises _promises;
    private readonly SentChanges _sent;
    private readonly List<ProcessFate> _processes = [];
    private readonly List<string> _deleted = [];
    private readonly Action<string> _trace;
    private int _edits;

    public TwoWayDevice(int number, string user, TwoWaySettings settings, TwoWayServer server, VirtualTimeProvider time, Random random, Action<string> trace)
    {
        (_number, _user, _settings, _server, _time, _random, _trace) = (number, user, settings, server, time, random, trace);
        _promises = new DevicePromises(user);
        _disk = new SimulatedDisk(settings.StoreKeepsCheckpoint);
        _disk.Local.PrepareAsync(server.Dataset, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _sent = new SentChanges(number);
        Checks = new TwoWayChecks($"device {number}", user, _disk, server, _promises, trace);
    }

    public TwoWayChecks Checks { get; }

    public int Number => _number;

    public ProcessFate NewProcess()
    {
        var fate = new ProcessFate(_processes.Count + 1);
        _processes.Add(fate);
        return fate;
    }

    public IReadOnlyList<LocalChange> Changes(ChangeState? state = null) =>
        _disk.Local.ListChangesAsync(_server.Dataset, state, 0, int.MaxValue, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <summary>One edit of the app.</summary>
    public void Edit()
    {
        string[] keys = [.. _disk.Rows("artifacts").Select(static row => JsonDocument.Parse(row).RootElement.GetProperty("id").GetString()!)];
        var kind = keys.Length == 0 ? 0 : _random.Next(10);
        if (kind < 3)
        {
            var key = KeyToInsert(keys);
            _trace($"device {_number} inserts {key}");
            _disk.Insert(_server.Dataset, $$"""{"id":"{{key}}","name":"{{Next(key, "name")}}","note":"{{Next(key, "note")}}"}""");
        }
        else if (kind < 9)
        {
            var key = keys[_random.Next(keys.Length)];
            var column = _random.Next(2) == 0 ? "name" : "note";
            _trace($"device {_number} updates {key} {_disk.FindRow("artifacts", key)}");
            _disk.Update(_server.Dataset, $$"""{"{{column}}":"{{Next(key, column)}}"}""", key);
        }
        else
        {
            var key = keys[_random.Next(keys.Length)];
            _trace($"device {_number} deletes {key}");
            _disk.Delete(_server.Dataset, key);
            _promises.Delete(key);
            _deleted.Add(key);
        }
    }

    /// <summary>A new key, or one that the app had deleted.</summary>
    private string KeyToInsert(string[] keys)
    {
        var gone = _deleted.Except(keys).ToList();
        return gone.Count > 0 && _random.Next(3) == 0 ? gone[_random.Next(gone.Count)] : NewKey(_random);
    }

    public Task<SyncResult> Start(ProcessFate fate, SyncDirection direction = SyncDirection.Both, TimeSpan? budget = null) =>
        NewEngine(fate).SyncAsync(new SyncRequest { LeaseWait = TimeSpan.FromMinutes(3), Direction = direction, AllowMassDelete = true, MaxDuration = budget });

    /// <summary>I2 and I8: nothing that the app was told is kept is lost, and what was sent was sent in order.</summary>
    public void CheckPromises()
    {
        _promises.Check(_server, Changes(ChangeState.Quarantined).Select(static change => JsonDocument.Parse(change.Key).RootElement.GetProperty("id").GetString()!).ToHashSet());
        _sent.Look(_server.Double.Requests);
    }

    /// <summary>Gives up what lies in quarantine, so that both sides can agree.</summary>
    public int DiscardQuarantine() => _disk.Local.DiscardChangesAsync(_server.Dataset, null, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <summary>I1 (and I17): the local table is what the user may see.</summary>
    public void CheckConverged()
    {
        List<string> columns = [.. _server.Dataset.Columns.Select(static column => column.Name)];
        if (_settings.HasKit)
        {
            columns.Add("sync_seq");
        }

        var expected = _server.Table.VisibleRows(_user, [.. columns]).Where(static row => !row.Contains("\"deleted_at\":\"", StringComparison.Ordinal));
        Assert.Equal(expected, _disk.Rows("artifacts"));
    }

    /// <summary>Puts a checkpoint back that was saved before, as a restored backup does.</summary>
    public void Rewind(byte[] content)
    {
        _disk.PutCheckpoint(_server.Dataset, content, _time.GetUtcNow());
        Checks.Rewound();
    }

    public static string NewKey(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    private string Next(string key, string column)
    {
        var value = SentChanges.ValueOf(_number, ++_edits, isPoison: _random.Next(15) == 0);
        _promises.Set(key, column, value);
        return value;
    }

    private ConflictDecision Decide(Random random, Conflict conflict) => random.Next(4) switch
    {
        0 => ConflictDecision.ServerWins,
        1 => ConflictDecision.LocalWins,
        2 when !conflict.Server.IsEmpty => ConflictDecision.Merge(conflict.Server.Span),
        2 => ConflictDecision.ServerWins,
        _ => ConflictDecision.Delete,
    };

    private void Sending(HttpRequestMessage request, ProcessFate fate)
    {
        request.Headers.Add(SentChanges.Device, _number.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(SentChanges.Process, fate.Number.ToString(CultureInfo.InvariantCulture));
        _trace($"device {_number} {request.Method} {request.RequestUri!.PathAndQuery}");
    }

    private SyncEngine NewEngine(ProcessFate fate)
    {
        var random = new Random(_random.Next());
        var store = new SimulatedChangeStore(_disk, fate, Checks);
        var options = new SyncOptions
        {
            Url = PostgrestDouble.Url,
            ApiKey = PostgrestDouble.ApiKey,
            AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_server.Double.CreateToken(_user, expires: _time.GetUtcNow().AddDays(1)))),
            PageSize = _settings.PageSize,
            OverlapLag = TimeSpan.FromSeconds(60),
        };
        options.Push.BatchRows = _settings.BatchRows;
        options.Push.ConflictPolicy = _settings.Conflicts;
        options.Push.ConflictResolver = _settings.Conflicts == ConflictPolicy.Resolver ? (conflict, _) => ValueTask.FromResult(Decide(random, conflict)) : null;
        options.Push.MaxQuarantinedShare = 1;
        options.Datasets.Add(_server.Dataset);
        var network = new SimulatedNetwork(
            _server.Double, _time, fate, request => Sending(request, fate), _server.Observe);
        var checkpoints = _disk.IsTogether ? store : new SimulatedChangeStore(_disk, fate, Checks);
        return SimulatedEngine.Create(options, store, checkpoints, network, _time, random, fate, _processes);
    }
}
