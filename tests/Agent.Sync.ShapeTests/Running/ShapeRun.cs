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

    /// <summary>Gets what the devices' apps did, in order.</summary>
    public List<Edit> Edits { get; } = [];

    /// <summary>Gets what happened, in a form that a person can follow.</summary>
    public string Log => _log.ToString();

    public void Note(string line) => _log.Append("  ").AppendLine(line);

    public async Task<long> LastChangeAsync() => await Server.AuditAsync() is [.., var last] ? last.Sequence : 0;

    /// <summary>Runs an app's transaction and writes down what it did to the tables.</summary>
    public async Task EditAsync(ShapeDevice device, int step, IReadOnlyList<LocalStatement> statements)
    {
        List<Dictionary<string, Dictionary<string, Row>>> seen = [];
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
                var edit = new Edit(device.Number, step, table.Name, key, old.GetValueOrDefault(key), now.GetValueOrDefault(key), last, device.KnownOf((table.Name, key))) { IsUnrecorded = device.Unrecorded.Contains(table.Name) };
                if (edit.New is null || edit.Old is null || edit.Changed.Any())
                {
                    edit.Forgotten.UnionWith(device.Fresh.Where(column => table.Columns.Contains(column)).Select(static column => column.Name));
                    Edits.Add(edit);
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

    // Only what is synced: declared, and written by apps.
    private async Task<Dictionary<string, Dictionary<string, Row>>> SnapshotAsync(ShapeDevice device, SqliteConnection connection)
    {
        Dictionary<string, Dictionary<string, Row>> tables = [];
        foreach (var table in Shape.Tables)
        {
            var rows = tables[table.Name] = new Dictionary<string, Row>(StringComparer.Ordinal);
            foreach (var row in await LocalFile.RowsAsync(connection, table))
            {
                if (row.KeyOf(table) is { } key)
                {
                    // A second row under another spelling of the key is written over the first: what it leaves empty stays.
                    var spelledOtherwise = rows.GetValueOrDefault(key);
                    rows[key] = new Row(row.Where(pair => table.Find(pair.Key) is { IsWritten: true } column && device.Declares(column))
                        .Select(pair => KeyValuePair.Create(pair.Key, pair.Value ?? spelledOtherwise?.GetValueOrDefault(pair.Key))));
                }
            }
        }

        return tables;
    }
}
