using System.Globalization;
using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Processes;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>One device in the field: edits its own table, syncs, is interrupted and killed, and remembers what it last wrote to each row.</summary>
internal sealed class StressClient : IAsyncDisposable
{
    private const int RoundsToTheEnd = 30;

    private readonly StressSettings _settings;
    private readonly StressReport _report;
    private readonly Random _random;
    private readonly string _name;
    private readonly SampleConsole _console;
    private readonly Dictionary<Guid, string?> _lastEdits = [];
    private int _edits;

    public StressClient(Backend backend, TestUser user, StressSettings settings, StressReport report, int number)
    {
        _settings = settings;
        _report = report;
        _name = string.Create(CultureInfo.InvariantCulture, $"client {number}");
        _random = new Random((settings.Seed * 1_000) + 500 + number);
        _console = new SampleConsole(backend, user);
        Device = new Device(backend, user, Datasets.Projects, Datasets.Artifacts)
        {
            Configure = options =>
            {
                options.OverlapLag = settings.OverlapLag;
                options.PageSize = 20;
                options.Push.BatchRows = 7;
                options.Push.ConflictPolicy = ConflictPolicy.LocalWins;
                options.Push.MaxQuarantinedShare = 1;
            },
        };
        _console.Environment["AGENT_SYNC_OVERLAP_SECONDS"] = settings.OverlapLag.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        _console.Environment["AGENT_SYNC_PAGE_SIZE"] = "20";
        _console.Environment["AGENT_SYNC_PUSH_ROWS"] = "7";
        _console.Environment["AGENT_SYNC_CONFLICTS"] = nameof(ConflictPolicy.LocalWins);
        _console.Environment["AGENT_SYNC_MAX_QUARANTINED_SHARE"] = "1";
    }

    public Device Device { get; }

    public async Task RunAsync(CancellationToken stop)
    {
        await Device.SyncAsync(cancellationToken: CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            if (_settings.ClientsEdit)
            {
                await EditAsync(_random.Next(1, 6));
            }

            await SyncSomehowAsync();
            Interlocked.Increment(ref _report.Rounds);
        }
    }

    /// <summary>Syncs undisturbed until nothing waits and nothing is left above the ceiling.</summary>
    /// <returns>The last result.</returns>
    public async Task<SyncResult> SyncToTheEndAsync()
    {
        for (var round = 0; round < RoundsToTheEnd; round++)
        {
            var result = await Device.SyncAsync(cancellationToken: CancellationToken.None);
            Count(result);
            Assert.True(result.Outcome is SyncOutcome.Completed or SyncOutcome.CompletedWithQuarantine, $"{_name}: {result.Outcome}");
            if (round > 0 && result.Datasets.All(static dataset => dataset is { Pending: 0, HasMore: false }))
            {
                return result;
            }
        }

        throw new InvalidOperationException($"{_name} does not come to an end.");
    }

    /// <summary>Returns the keys in quarantine, and fails if an edit is neither there nor on the server.</summary>
    public async Task<HashSet<Guid>> CheckEditsAsync(HashSet<string> namesOnServer, Func<Guid, bool> goneOrNeverThere)
    {
        await using var open = Device.Open();
        var quarantined = new HashSet<Guid>();
        await foreach (var change in open.Engine.ReadChangesAsync("artifacts", ChangeState.Quarantined))
        {
            using var key = JsonDocument.Parse(change.Key);
            quarantined.Add(key.RootElement.GetProperty("id").GetGuid());
            Assert.NotNull(change.Code);
        }

        var lost = _lastEdits.Where(edit => !quarantined.Contains(edit.Key)
            && !(edit.Value is { } name ? namesOnServer.Contains(name) : goneOrNeverThere(edit.Key)));
        Assert.Empty(lost.Select(edit => $"{_name}: {edit.Key} {edit.Value ?? "deleted"}"));
        return quarantined;
    }

    public async ValueTask DisposeAsync()
    {
        _console.Dispose();
        await Device.DisposeAsync();
    }

    /// <summary>Edits as the app would: with a connection of its own, in one transaction, knowing nothing of the sync.</summary>
    private async Task EditAsync(int count)
    {
        await using var connection = await LocalRows.OpenAsync(Device.DatabasePath);
        await using var transaction = await connection.BeginTransactionAsync();
        var edits = new Dictionary<Guid, string?>();
        for (var i = 0; i < count; i++)
        {
            await EditOneAsync(connection, edits);
        }

        if (_random.Next(10) == 0)
        {
            await transaction.RollbackAsync();
            return;
        }

        await transaction.CommitAsync();
        Interlocked.Add(ref _report.LocalEdits, edits.Count);
        foreach (var (key, name) in edits)
        {
            _lastEdits[key] = name;
        }
    }

    private async Task EditOneAsync(SqliteConnection connection, Dictionary<Guid, string?> edits)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{_name} edit {++_edits}");

        // One in thirty breaks the server's check, and belongs into quarantine.
        var size = _random.Next(30) == 0 ? -1 : _random.Next(1_000);
        var key = _random.Next(4) == 0 ? null : await PickAsync(connection);
        if (key is null)
        {
            var id = Guid.NewGuid();
            await ExecuteAsync(connection, "insert into artifacts (id, type, name, size) values ($id, 'note', $name, $size)", id, name, size);
            edits[id] = name;
        }
        else if (_random.Next(5) == 0)
        {
            await ExecuteAsync(connection, "delete from artifacts where id = $id", key.Value, name, size);
            edits[key.Value] = null;
        }
        else
        {
            var replaces = _random.Next(4) == 0;
            var sql = replaces
                ? "insert or replace into artifacts (id, type, name, size) values ($id, 'note', $name, $size)"
                : "update artifacts set name = $name, size = $size where id = $id";
            await ExecuteAsync(connection, sql, key.Value, name, size);
            edits[key.Value] = name;
        }
    }

    private async Task<Guid?> PickAsync(SqliteConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "select id from artifacts order by random() limit 1";
        return await command.ExecuteScalarAsync() is string text ? Guid.Parse(text) : null;
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql, Guid id, string name, int size)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // This test's own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$id", id);
        command.Parameters.AddWithValue("$name", name);
        command.Parameters.AddWithValue("$size", size);
        await command.ExecuteNonQueryAsync();
    }

    private async Task SyncSomehowAsync()
    {
        switch (_settings.ClientsEdit ? _random.Next(6) : 2)
        {
            case 0:
                await SyncAndKillAsync();
                break;
            case 1:
                using (var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(_random.Next(1, 150))))
                {
                    await SyncOnceAsync(stop.Token);
                }

                break;
            default:
                await SyncOnceAsync(CancellationToken.None);
                break;
        }
    }

    private async Task SyncOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            Count(await Device.SyncAsync(cancellationToken: cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Interlocked.Increment(ref _report.FailedRounds);
        }
        catch (SyncException exception) when (exception.IsTransient)
        {
            Interlocked.Increment(ref _report.FailedRounds);
        }
    }

    /// <summary>A process of its own, killed where it happens to be; often in the middle of a push.</summary>
    private async Task SyncAndKillAsync()
    {
        await using var process = _console.Start("sync", "--database", Device.DatabasePath, "--json");
        await Task.Delay(_random.Next(200, 1_200), CancellationToken.None);
        process.Kill();
        await process.WaitForExitAsync();
        Interlocked.Increment(ref _report.Kills);
    }

    private void Count(SyncResult result)
    {
        Interlocked.Add(ref _report.Pushed, result.Pushed);
        Interlocked.Add(ref _report.Conflicts, result.Conflicts);
        Interlocked.Add(ref _report.Rejected, result.Rejected);
    }
}
