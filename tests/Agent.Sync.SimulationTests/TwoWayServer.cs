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
    private readonly Dictionary<TableRow, DateTimeOffset> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<(string User, string Key)> _deleted = [];
    private readonly HashSet<string> _gone = [];
    private readonly List<(ServerRow Row, string Writer)> _writers = [];
    private HashSet<(string User, string Key)> _keys = [];
    private bool _wasWidened;

    public TwoWayServer(VirtualTimeProvider time, TwoWaySettings settings, Random random, Action<string> trace)
    {
        (_random, _trace) = (random, trace);
        Faults = new ServerFaults(random, settings.FaultShare, trace);
        var dataset = Dataset.Define("artifacts")
            .Key("id", ColumnType.Uuid)
            .Column("name", ColumnType.Text)
            .Column("note", ColumnType.Text)
            .Version("version")
            .UpdatedAt("updated_at");
        Dataset = (settings.DeletesForGood ? dataset : dataset.DeletedAt("deleted_at")).Build();
        NewerDataset = dataset.Column("extra", ColumnType.Text).Build();
        Double = new PostgrestDouble(time)
        {
            MaxRows = settings.MaxRows,
            Latency = TimeSpan.FromMilliseconds(settings.FastNetwork ? 0 : random.Next(1, 60)),
            Responder = request => Faults.Next(request, Double!.ServerTime),
        };
        Table = Double.AddTable(NewerDataset).AddColumn(Owner, ColumnType.Uuid)
            .AddCheck("artifacts_name_check", static row => row.Contains($"\"name\":\"{Poison}", StringComparison.Ordinal) ? "23514" : null)
            .AddCheck("artifacts_note_trigger", static row => row.Contains($"\"note\":\"{Poison}", StringComparison.Ordinal) ? "P0001" : null);
        Table.OwnerColumn = Owner;
        Rows = new RowReader(Table, Owner);
        if (settings.HasKit && !settings.KitComesLate)
        {
            EnableKit();
        }
    }

    /// <summary>Gets the dataset as the app knows it at first.</summary>
    public Dataset Dataset { get; }

    /// <summary>Gets the dataset of the app's next version, which reads another column.</summary>
    public Dataset NewerDataset { get; }

    public PostgrestDouble Double { get; }

    public PostgrestTable Table { get; }

    public RowReader Rows { get; }

    /// <summary>Gets the tombstones; null without the kit.</summary>
    public RowReader? BuriedRows { get; private set; }

    public ServerFaults Faults { get; }

    /// <summary>Gets a value indicating whether a policy hides every row at present.</summary>
    public bool IsHidden { get; private set; }

    /// <summary>Gets a value indicating whether a policy ever hid every row: what changed meanwhile, no delta brings.</summary>
    public bool WasHidden { get; private set; }

    public void EnableKit()
    {
        // The kit keeps what the policy reads; what a policy shows for a while is none of it.
        var shown = Table.OwnerColumn;
        Table.OwnerColumn = Owner;
        Table.EnableKit();
        Table.OwnerColumn = shown;
        BuriedRows = new RowReader(Double.FindTable("agent_sync", "artifacts")!, Owner);
        _trace("the kit is there");
    }

    /// <summary>Begins or ends what a policy, a grant or an owner of the database does.</summary>
    public void Take(ServerTurn turn, bool isBegin)
    {
        _trace($"{turn} {(isBegin ? "begins" : "ends")}");
        var tombstones = Double.FindTable("agent_sync", "artifacts");
        switch (turn)
        {
            case ServerTurn.Widened:
                _wasWidened = true;
                SetOwner(isBegin ? null : Owner);
                break;
            case ServerTurn.Hidden:
                (IsHidden, WasHidden) = (isBegin, true);
                SetOwner(isBegin ? "id" : Owner);
                break;
            case ServerTurn.Revoked:
                (Table.IsReadable, Table.IsWritable) = isBegin ? (_random.Next(2) == 0, false) : (true, true);
                break;
            case ServerTurn.Truncated when isBegin:
                Table.Clear();
                Observe();
                break;
            case ServerTurn.Restored when isBegin && Table.HasKit:
                Table.ChangeEpoch();
                break;
            case ServerTurn.Pruned when isBegin && Table.HasKit:
                Table.PruneTombstones();
                break;
            default:
                break;
        }

        void SetOwner(string? column)
        {
            Table.OwnerColumn = column;
            if (tombstones is not null)
            {
                tombstones.OwnerColumn = column;
            }
        }
    }

    /// <summary>Looks at what is committed. Every state that a request of a device left is seen, since it is called after each.</summary>
    /// <param name="writer">Who wrote what is new.</param>
    public void Observe(string writer = "another")
    {
        var keys = new HashSet<(string User, string Key)>();
        foreach (var row in Table.Rows)
        {
            var known = Rows.Of(row);
            var owned = (known.Owner!, known.Id);
            keys.Add(owned);
            if (!_seen.TryAdd(row, Double.ServerTime))
            {
                continue;
            }

            _writers.Add((known, writer));
            _values.Add($"{known.Id} {Text(row, "name")}");
            _values.Add($"{known.Id} {Text(row, "note")}");
            _values.Add($"{known.Id} {Text(row, "extra")}");
            if (known.IsDeleted)
            {
                _deleted.Add(owned);
            }
        }

        _deleted.UnionWith(_keys.Except(keys));
        _gone.UnionWith(_keys.Except(keys).Select(static item => item.Key));
        _keys = keys;
    }

    /// <summary>Returns the rows of a user that have stood as they are since before a time.</summary>
    public IEnumerable<ServerRow> CommittedBefore(DateTimeOffset time, string user) =>
        Table.Rows.Where(row => _seen.TryGetValue(row, out var at) && at < time).Select(Rows.Of).Where(row => row.Owner == user);

    /// <summary>Whether anybody else wrote a row after a version of it, or it was ever gone. Versions are the version column's, or the kit's.</summary>
    public bool WasWrittenByAnother(string key, long version, string writer) =>
        WasHidden || _wasWidened || _gone.Contains(key)
        || _writers.Any(item => item.Row.Id == key && item.Writer != writer && (item.Row.Version > version || item.Row.Sequence > version));

    /// <summary>Whether a row ever had a value on the server.</summary>
    public bool HasHad(string key, string value) => _values.Contains($"{key} {value}");

    /// <summary>Whether a row was ever gone for a user: deleted, given to another user, hidden, or never there.</summary>
    public bool HasBeenWithout(string user, string key) => WasHidden || _deleted.Contains((user, key)) || !_keys.Contains((user, key));

    private string? Text(TableRow row, string column) =>
        row.Values[Table.OrdinalOf(column)] is null ? null : SqlValue.TextOf(row.Json[Table.OrdinalOf(column)]);
}
