using System.Globalization;
using System.Text.Json;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>What the server holds, for a test that settles changes by hand and sends nothing: a dictionary, whose every write raises one version.</summary>
internal sealed class ServerOracle
{
    public const string Deleted = "2026-01-02T00:00:00+00:00";

    private readonly SortedDictionary<long, (ModelRow Row, long Version)> _rows = [];

    public long Version { get; private set; }

    public IReadOnlyDictionary<long, (ModelRow Row, long Version)> Rows => _rows;

    public (ModelRow Row, long Version)? Find(long id) => _rows.TryGetValue(id, out var row) ? row : null;

    public void Put(long id, ModelRow row) => _rows[id] = (row, ++Version);

    /// <summary>Tells whether a change finds the row that it started from.</summary>
    public bool Takes(long id, ChangeKind kind, string baseVersion) => kind switch
    {
        ChangeKind.Insert => !_rows.ContainsKey(id),
        ChangeKind.Delete when !_rows.ContainsKey(id) => true,
        _ => Find(id) is var (_, version) && version.ToString(CultureInfo.InvariantCulture) == baseVersion,
    };

    public void Accept(long id, ChangeKind kind, JsonElement? values)
    {
        if (kind == ChangeKind.Delete)
        {
            _rows.Remove(id);
            return;
        }

        Put(id, (Find(id)?.Row ?? new ModelRow(null, null, null)).With(values!.Value));
    }
}
