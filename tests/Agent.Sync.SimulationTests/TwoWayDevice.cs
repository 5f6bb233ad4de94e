using System.Text.Json;
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
    private DiskCopy? _copy;
    private int _savedAtCopy;
    private int _edits;

    public TwoWayDevice(int number, string user, TwoWaySettings settings, TwoWayServer server, VirtualTimeProvider time, Random random, Action<string> trace)
    {
        (_number, _user, _settings, _server, _time, _random, _trace) = (number, user, settings, server, time, random, trace);
        _promises = new DevicePromises(user);
        _disk = new SimulatedDisk(settings.StoreKeepsCheckpoint);
        _sent = new SentChanges(number);
        Checks = new TwoWayChecks($"device {number}", user, _disk, server, _promises, trace);
        Prepare();
    }

    public TwoWayChecks Checks { get; }

    public int Number => _number;

    public string User => _user;

    public Dataset Dataset => Checks.Dataset;

    public SimulatedDisk Disk => _disk;

    /// <summary>Gets a value indicating whether a checkpoint tells whose the rows are.</summary>
    public bool HasCheckpoint => _disk.Copy(Dataset).Checkpoint is not null;

    /// <summary>Gets who writes to the server: the device as it is. One that was put back to a copy does not know what it wrote since.</summary>
    public string Writer => $"device {_number} of {Checks.Life}";

    public IReadOnlyList<ProcessFate> Processes => _processes;

    /// <summary>Gets or sets a value indicating whether a run said that it needs the app's word to read everything again.</summary>
    public bool NeedsResync { get; set; }

    /// <summary>Learns from a run's result, as an app does, and holds it to what it promises.</summary>
    public void Judge(SyncResult result, bool wasResync)
    {
        Checks.CheckAsOf(result.AsOf);
        if (result.Outcome == SyncOutcome.ResyncRequired)
        {
            NeedsResync = true;
        }
        else if (result.Outcome is SyncOutcome.Completed or SyncOutcome.CompletedWithQuarantine && wasResync)
        {
            NeedsResync = false;
            Checks.HasReadAgain = _server.WasHidden && !_server.IsHidden;
        }
    }

    public ProcessFate NewProcess()
    {
        var fate = new ProcessFate(_processes.Count + 1);
        _processes.Add(fate);
        return fate;
    }

    public IReadOnlyList<LocalChange> Changes(ChangeState? state = null) =>
        _disk.Local.ListChangesAsync(Dataset, state, 0, int.MaxValue, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <summary>One edit of the app.</summary>
    public void Edit()
    {
        string[] keys = [.. _disk.Rows("artifacts").Select(IdOf)];
        var kind = keys.Length == 0 ? 0 : _random.Next(10);
        if (kind < 3)
        {
            var key = KeyToInsert(keys);
            _trace($"device {_number} inserts {key}");
            _disk.Insert(Dataset, $$"""{"id":"{{key}}","name":"{{Next(key, "name")}}","note":"{{Next(key, "note")}}"}""");
        }
        else if (kind < 9)
        {
            var key = keys[_random.Next(keys.Length)];
            var column = _random.Next(Dataset == _server.NewerDataset ? 3 : 2) switch { 0 => "name", 1 => "note", _ => "extra" };
            _trace($"device {_number} updates {key} {_disk.FindRow("artifacts", key)}");
            _disk.Update(Dataset, $$"""{"{{column}}":"{{Next(key, column)}}"}""", key);
        }
        else
        {
            var key = keys[_random.Next(keys.Length)];
            _trace($"device {_number} deletes {key}");
            _disk.Delete(Dataset, key);
            _promises.Delete(key);
            _deleted.Add(key);
        }
    }

    /// <summary>The app's next version is installed, which reads another column.</summary>
    public void UpdateApp()
    {
        _trace($"device {_number} gets the newer app");
        KillAll();
        Checks.Dataset = _server.NewerDataset;
        Prepare();
    }

    /// <summary>Copies the files, as a backup or a file system's snapshot does.</summary>
    public void CopyFiles() => (_copy, _savedAtCopy) = (_disk.Copy(Dataset), Checks.Saved.Count);

    /// <summary>Puts the last copy of the files back, if there is one. What was edited since is gone, and so is what was settled.</summary>
    public void PutCopyBack()
    {
        if (_copy is null)
        {
            return;
        }

        _trace($"device {_number} is put back to a copy");
        KillAll();
        _disk.PutBack(_copy, Dataset, _time.GetUtcNow());

        // A checkpoint that is newer than the rows tells of rows that are not there. Nothing shows that but a comparison with the server.
        Checks.Saved.RemoveRange(_savedAtCopy, Checks.Saved.Count - _savedAtCopy);
        Prepare();
        Forget();
    }

    /// <summary>Loses the file of the rows.</summary>
    public void LoseRows()
    {
        _trace($"device {_number} loses its rows");
        KillAll();
        _disk.LoseRows();
        _copy = null;
        Checks.Saved.Clear();
        Prepare();
        Forget();
    }

    /// <summary>Loses the checkpoint, or gets an older one.</summary>
    public void LoseCheckpoint(byte[]? older)
    {
        _trace($"device {_number} {(older is null ? "loses its" : "gets an older")} checkpoint");
        KillAll();
        Rewind(older);
    }

    /// <summary>I2 and I8: nothing that the app was told is kept is lost, and what was sent was sent in order.</summary>
    public void CheckPromises()
    {
        _promises.Check(_server, Changes(ChangeState.Quarantined).Select(static change => IdOf(change.Key)).ToHashSet());
        _sent.Look(_server.Double.Requests);
    }

    /// <summary>Gives up what lies in quarantine, so that both sides can agree.</summary>
    public int DiscardQuarantine() => _disk.Local.DiscardChangesAsync(Dataset, null, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <summary>I1 (and I17): the local table is what the user may see.</summary>
    public void CheckConverged()
    {
        List<string> columns = [.. Dataset.Columns.Select(static column => column.Name)];
        if (_settings.HasKit)
        {
            columns.Add("sync_seq");
        }

        var expected = _server.Table.VisibleRows(_user, [.. columns]).Where(static row => !row.Contains("\"deleted_at\":\"", StringComparison.Ordinal));
        Assert.Equal(expected, _disk.Rows("artifacts"));
    }

    /// <summary>Puts a checkpoint back that was saved before, as a restored backup does; null loses it.</summary>
    public void Rewind(byte[]? content)
    {
        _disk.PutCheckpoint(Dataset, content, _time.GetUtcNow());
        Checks.Rewound();
    }

    public static string NewKey(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    private static string IdOf(string row)
    {
        using var json = JsonDocument.Parse(row);
        return json.RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>A new key, or one that the app had deleted.</summary>
    private string KeyToInsert(string[] keys)
    {
        var gone = _deleted.Except(keys).ToList();
        return gone.Count > 0 && _random.Next(3) == 0 ? gone[_random.Next(gone.Count)] : NewKey(_random);
    }

    // A process that holds a file open that is replaced would write to the file that is gone.
    private void KillAll() => _processes.ForEach(static process => process.Kill());

    private void Prepare() => _disk.Local.PrepareAsync(Dataset, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private void Forget()
    {
        Checks.Life++;
        _deleted.Clear();
        Checks.Rewound();
        _promises.LoseUnsent(_server);
        _sent.Restart(_server.Double.RequestCount);
    }

    private string Next(string key, string column)
    {
        var value = SentChanges.ValueOf(_number, ++_edits, isPoison: _random.Next(15) == 0);
        _promises.Set(key, column, value);
        return value;
    }
}
