using System.Text.Json;
using System.Text.Json.Serialization;

namespace BenchmarkSuite.Results;

/// <summary>Everything that one run of the suite has measured. The pages and charts are made of it.</summary>
internal sealed record SuiteResults
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public required RunInfo Run { get; init; }

    public List<Sample> Samples { get; init; } = [];

    public List<TrafficSample> Traffic { get; init; } = [];

    public List<LatencySample> Latency { get; init; } = [];

    public List<Finding> Findings { get; init; } = [];

    /// <summary>Gets why a peer, or a part of it, was not measured.</summary>
    public List<Absence> Absences { get; init; } = [];

    public static SuiteResults Read(string file) => JsonSerializer.Deserialize<SuiteResults>(File.ReadAllText(file), Json)!;

    /// <summary>Writes it with a sample a line, so that two runs can be compared.</summary>
    public void Write(string file)
    {
        List<string> parts =
        [
            $"\"run\": {JsonSerializer.Serialize(Run, Json)}",
            Part("samples", Samples), Part("traffic", Traffic), Part("latency", Latency), Part("findings", Findings), Part("absences", Absences),
        ];
        File.WriteAllText(file, $"{{\n{string.Join(",\n", parts)}\n}}\n");
    }

    private static string Part<T>(string name, List<T> values) =>
        $"\"{name}\": [\n{string.Join(",\n", values.Select(static value => "  " + JsonSerializer.Serialize(value, Json)))}\n]";
}
