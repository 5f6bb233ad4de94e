using System.Text;
using System.Text.Json;
using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.ShapeTests.Running;

/// <summary>One shape with its server and devices, and what happened so far.</summary>
internal sealed class ShapeRun : IAsyncDisposable
{
    private readonly StringBuilder _log = new();

    public ShapeRun(Shape shape, IShapeServer server)
    {
        Shape = shape;
        Server = server;
        Devices = [.. Enumerable.Range(1, shape.Devices).Select(number => new ShapeDevice(number, shape, server))];
    }

    public Shape Shape { get; }

    public IShapeServer Server { get; }

    public IReadOnlyList<ShapeDevice> Devices { get; }

    /// <summary>Gets what the devices' apps did, in order, what was discarded later included.</summary>
    public List<Edit> AllEdits { get; } = [];

    /// <summary>Gets the edits that stand.</summary>
    public IEnumerable<Edit> Edits => AllEdits.Where(static edit => edit.DiscardedAfter is null);

    /// <summary>Gets what happened, in a form that a person can follow.</summary>
    public string Log => _log.ToString();

    public void Note(string line) => _log.Append("  ").AppendLine(line);

    /// <summary>Takes down that the user gives up the edits of some rows of a device.</summary>
    public async Task DiscardAsync(ShapeDevice device, IReadOnlyList<KeptChange> kept)
    {
        var last = await LastChangeAsync();
        foreach (var edit in Edits.Where(edit => edit.Device == device.Number && kept.Any(change => change.Table == edit.Table && change.Key == edit.Key)))
        {
            edit.DiscardedAfter = last;
        }
    }

    public async Task<long> LastChangeAsync() => await Server.AuditAsync() is [.., var last] ? last.Sequence : 0;

    /// <summary>Runs an app's transaction and writes down what it did to the tables.</summary>
    public async Task EditAsync(ShapeDevice device, int step, IReadOnlyList<LocalStatement> statements)
    {
        List<Dictionary<string, Dictionary<string, SeenRow>>> seen = [];
        var refusal = await device.File.RunAsync(statements, async connection => seen.Add(await SnapshotAsync(device, connection)));
        Note($"{step}. device {device.Number}: {string.Join("; ", statements)}{(refusal is null ? "" : $" => refused: {refusal}")}");
        if (refusal is not null)
        {
            return;
        }

        var (before, after) = (seen[0], seen[1]);
        var last = await LastChangeAsync();
        foreach (var table in Shape.Tables)
        {
            var (old, now) = (before[table.Name], after[table.Name]);
            foreach (var key in old.Keys.Union(now.Keys))
            {
                var (was, became) = (old.GetValueOrDefault(key), now.GetValueOrDefault(key));
                if (was?.Text != became?.Text)
                {
                    device.Touched.Add((table.Name, key));
                }

                var edit = new Edit(device.Number, step, table.Name, key, was?.Synced, became?.Synced, last, device.KnownOf((table.Name, key))) { IsUnrecorded = device.Unrecorded.Contains(table.Name) };
                if (edit.New is null || edit.Old is null || edit.Changed.Any())
                {
                    edit.Forgotten.UnionWith(became?.Disputed ?? []);
                    edit.Forgotten.UnionWith(device.Fresh.Where(column => table.Columns.Contains(column)).Select(static column => column.Name));
                    AllEdits.Add(edit);
                }
            }
        }
    }

    /// <summary>Returns what a device names: the changes that it still keeps, and the server's rows that its table refuses.</summary>
    public Task<NamedRows> NamedAsync(ShapeDevice device) => device.UseAsync(KillSwitch.Never, NamedAsync);

    public async Task<NamedRows> NamedAsync(ISyncEngine engine)
    {
        List<KeptChange> kept = [];
        List<(string, string)> parked = [];
        foreach (var table in Shape.Tables)
        {
            await foreach (var change in engine.ReadChangesAsync(table.Name))
            {
                kept.Add(new KeptChange(table.Name, KeyOf(table, change.Key), change));
            }

            await foreach (var row in engine.ReadParkedRowsAsync(table.Name))
            {
                parked.Add((table.Name, KeyOf(table, row.Key)));
            }
        }

        return new NamedRows(kept, parked);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in Devices)
        {
            await device.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    private static string KeyOf(ShapeTable table, string json)
    {
        using var key = JsonDocument.Parse(json);
        return string.Join('|', table.Keys.Select(column => Canonical.FromJson(column.Type, key.RootElement.GetProperty(column.Name))));
    }

    private async Task<Dictionary<string, Dictionary<string, SeenRow>>> SnapshotAsync(ShapeDevice device, SqliteConnection connection)
    {
        Dictionary<string, Dictionary<string, SeenRow>> tables = [];
        foreach (var table in Shape.Tables)
        {
            var rows = tables[table.Name] = new Dictionary<string, SeenRow>(StringComparer.Ordinal);
            foreach (var (row, text) in await LocalFile.ReadAsync(connection, table))
            {
                if (row.KeyOf(table) is { } key)
                {
                    // A second row under another spelling of the key is written over the first: what it leaves empty stays. Which of them is the second is the store's choice.
                    var spelledOtherwise = rows.GetValueOrDefault(key)?.Synced;
                    var synced = new Row(row.Where(pair => table.Find(pair.Key) is { IsWritten: true } column && device.Declares(column))
                        .Select(pair => KeyValuePair.Create(pair.Key, pair.Value ?? spelledOtherwise?.GetValueOrDefault(pair.Key))));
                    rows[key] = new SeenRow(synced, text, [.. synced.Where(pair => spelledOtherwise is not null && spelledOtherwise.GetValueOrDefault(pair.Key) != pair.Value).Select(static pair => pair.Key)]);
                }
            }
        }

        return tables;
    }

    /// <summary>A local row as one transaction of the app's sees it.</summary>
    /// <param name="Synced">What is synced: declared, and written by apps.</param>
    /// <param name="Text">All of it, as it stands in the file.</param>
    /// <param name="Disputed">The columns in which two rows of this key, in two spellings, differ.</param>
    private sealed record SeenRow(Row Synced, string Text, IReadOnlyList<string> Disputed);
}
