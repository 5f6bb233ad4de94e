using System.Net;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>The server with its faults; each kind is counted, to prove that it came up.</summary>
internal sealed class SimulatedServer
{
    private readonly Random _random;
    private readonly double _faultShare;

    public SimulatedServer(VirtualTimeProvider time, SimulationSettings settings, Random random)
    {
        _random = random;
        _faultShare = settings.FaultShare;
        Double = new PostgrestDouble(time)
        {
            MaxRows = settings.MaxRows,
            Latency = TimeSpan.FromMilliseconds(settings.FastNetwork ? 0 : random.Next(1, 60)),
            Responder = _ => Respond(),
        };
        Table = Double.AddTable(Dataset).AddColumn("owner_id", ColumnType.Uuid);
        Table.OwnerColumn = "owner_id";
        Rows = new ServerRows(Table, "owner_id");
    }

    public static Dataset Dataset { get; } = SampleDatasets.Artifacts;

    public PostgrestDouble Double { get; }

    public PostgrestTable Table { get; }

    public ServerRows Rows { get; }

    public bool FaultsAreOver { get; set; }

    public Dictionary<string, int> Faults { get; } = [];

    private ScriptedResponse? Respond()
    {
        if (FaultsAreOver || _random.NextDouble() >= _faultShare)
        {
            return null;
        }

        var (name, response) = _random.Next(10) switch
        {
            0 => ("503", ScriptedResponse.Error(HttpStatusCode.ServiceUnavailable, "PGRST001")),
            1 => ("429", ScriptedResponse.Error(HttpStatusCode.TooManyRequests, null, "2")),
            2 => ("57014", ScriptedResponse.Error(HttpStatusCode.InternalServerError, "57014")),
            3 => ("40001", ScriptedResponse.Error(HttpStatusCode.InternalServerError, "40001")),
            4 => ("refused", ScriptedResponse.Broken(ResponseFault.ConnectionRefused)),
            5 => ("reset", ScriptedResponse.Broken(ResponseFault.ResetMidBody)),
            6 => ("short body", ScriptedResponse.Broken(ResponseFault.ShortBody)),
            7 => ("gzip", ScriptedResponse.Broken(ResponseFault.BadGzip)),
            8 => ("hang", ScriptedResponse.Broken(ResponseFault.Hang)),
            _ => ("401", ScriptedResponse.Error(HttpStatusCode.Unauthorized, "PGRST303")),
        };
        Faults[name] = Faults.GetValueOrDefault(name) + 1;
        return response;
    }
}
