using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>The server with its faults; each kind is counted, to prove that it came up.</summary>
internal sealed class SimulatedServer
{
    public SimulatedServer(VirtualTimeProvider time, SimulationSettings settings, Random random, Action<string> trace)
    {
        Faults = new ServerFaults(random, settings.FaultShare, trace);
        Double = new PostgrestDouble(time)
        {
            MaxRows = settings.MaxRows,
            Latency = TimeSpan.FromMilliseconds(settings.FastNetwork ? 0 : random.Next(1, 60)),
            Responder = request => Faults.Next(request, Double!.ServerTime),
        };
        Table = Double.AddTable(Dataset).AddColumn("owner_id", ColumnType.Uuid);
        Table.OwnerColumn = "owner_id";
        Rows = new RowReader(Table, "owner_id");
    }

    public static Dataset Dataset { get; } = SampleDatasets.Artifacts;

    public PostgrestDouble Double { get; }

    public PostgrestTable Table { get; }

    public RowReader Rows { get; }

    public ServerFaults Faults { get; }
}
