using System.Net;
using System.Text;
using Agent.Sync.Testing;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.SimulationTests;

/// <summary>The server of a two-way run: its faults, counted by kind, and everything that was ever committed, as seen after each request.</summary>
internal sealed class TwoWayServer
{
    /// <summary>A value that a constraint refuses.</summary>
    public const string Poison = "poison";

    private const string Owner = "owner_id";

    private readonly Random _random;
    private readonly Action<string> _trace;
    private readonly double _faultShare;
    private readonly HashSet<TableRow> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<(string User, string Key)> _deleted = [];
    private HashSet<(string User, string Key)> _keys = [];

    public TwoWayServer(VirtualTimeProvider time, TwoWaySettings settings, Random random, Action<string> trace)
    {
        (_random, _trace) = (random, trace);
        _faultShare = settings.FaultShare;
        var dataset = Dataset.Define("artifacts")
            .Key("id", ColumnType.Uuid)
            .Column("name", ColumnType.Text)
            .Column("note", ColumnType.Text)
            .Version("version")
            .UpdatedAt("updated_at");
        Dataset = (settings.DeletesForGood ? dataset : dataset.DeletedAt("deleted_at")).Build();
        Double = new PostgrestDouble(time)
        {
            MaxRows = settings.MaxRows,
            Latency = TimeSpan.FromMilliseconds(settings.FastNetwork ? 0 : random.Next(1, 60)),
            Responder = Respond,
        };
        Table = Double.AddTable(Dataset).AddColumn(Owner, ColumnType.Uuid)
            .AddCheck("artifacts_name_check", static row => row.Contains($"\"name\":\"{Poison}", StringComparison.Ordinal) ? "23514" : null)
            .AddCheck("artifacts_note_trigger", static row => row.Contains($"\"note\":\"{Poison}", StringComparison.Ordinal) ? "P0001" : null);
        Table.OwnerColumn = Owner;
        Rows = new ServerRows(Table, Owner);
        if (settings.HasKit)
        {
            Table.EnableKit();
            BuriedRows = new ServerRows(Double.FindTable("agent_sync", "artifacts")!, Owner);
        }
    }

    public Dataset Dataset { get; }

    public PostgrestDouble Double { get; }

    public PostgrestTable Table { get; }

    public ServerRows Rows { get; }

    /// <summary>Gets the tombstones; null without the kit.</summary>
    public ServerRows? BuriedRows { get; }

    public bool FaultsAreOver { get; set; }

    public Dictionary<string, int> Faults { get; } = [];

    /// <summary>Looks at what is committed. Every state that a request of a device left is seen, since it is called after each.</summary>
    public void Observe()
    {
        var keys = new HashSet<(string User, string Key)>();
        foreach (var row in Table.Rows)
        {
            var known = Rows.Of(row);
            var owned = (known.Owner!, known.Id);
            keys.Add(owned);
            if (!_seen.Add(row))
            {
                continue;
            }

            _values.Add($"{known.Id} {Text(row, "name")}");
            _values.Add($"{known.Id} {Text(row, "note")}");
            if (known.IsDeleted)
            {
                _deleted.Add(owned);
            }
        }

        _deleted.UnionWith(_keys.Except(keys));
        _keys = keys;
    }

    /// <summary>Whether a row ever had a value on the server.</summary>
    public bool HasHad(string key, string value) => _values.Contains($"{key} {value}");

    /// <summary>Whether a row was ever gone for a user: deleted, given to another user, or never there.</summary>
    public bool HasBeenWithout(string user, string key) => _deleted.Contains((user, key)) || !_keys.Contains((user, key));

    private string? Text(TableRow row, string column) =>
        row.Values[Table.OrdinalOf(column)] is null ? null : SqlValue.TextOf(row.Json[Table.OrdinalOf(column)]);

    private ScriptedResponse? Respond(RecordedRequest request)
    {
        if (FaultsAreOver || _random.NextDouble() >= _faultShare)
        {
            return null;
        }

        var isWrite = request.Method != "GET" && !request.Path.EndsWith("/horizon", StringComparison.Ordinal);
        var (name, response) = _random.Next(isWrite ? 10 : 6) switch
        {
            0 => ("503", ScriptedResponse.Error(HttpStatusCode.ServiceUnavailable, "PGRST001")),
            1 => ("57014", ScriptedResponse.Error(HttpStatusCode.InternalServerError, "57014")),
            2 => ("refused", ScriptedResponse.Broken(ResponseFault.ConnectionRefused)),
            3 => ("reset", ScriptedResponse.Broken(ResponseFault.ResetMidBody)),
            4 => ("hang", ScriptedResponse.Broken(ResponseFault.Hang)),
            5 => ("401", ScriptedResponse.Error(HttpStatusCode.Unauthorized, "PGRST303")),
            6 => ("413", new ScriptedResponse { Status = HttpStatusCode.RequestEntityTooLarge, ContentType = "text/html", Body = Encoding.UTF8.GetBytes("<html>") }),
            _ => ("answer lost", ScriptedResponse.Broken(ResponseFault.ResetBeforeHeaders)),
        };
        _trace($"fault {name}");
        Faults[name] = Faults.GetValueOrDefault(name) + 1;
        return response;
    }
}
