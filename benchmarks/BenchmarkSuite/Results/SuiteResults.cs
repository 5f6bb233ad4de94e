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

    /// <summary>Takes over from an earlier run of as many rows what this one did not measure.</summary>
    public void Keep(SuiteResults earlier, SuiteOptions options)
    {
        if (earlier.Run.Rows != Run.Rows)
        {
            return;
        }

        bool Stays(string part, string peer) => !options.Has(part) || (options.Only.Count > 0 && !options.Only.Contains(peer));
        Samples.AddRange(earlier.Samples.Where(sample => Stays("speed", sample.Peer)));
        Traffic.AddRange(earlier.Traffic.Where(sample => Stays("traffic", sample.Peer)));
        Latency.AddRange(earlier.Latency.Where(sample => Stays("latency", sample.Peer)));
        Findings.AddRange(earlier.Findings.Where(finding => Stays("findings", finding.Peer)));
        Absences.AddRange(earlier.Absences.Where(absence => options.Only.Count > 0 && !options.Only.Contains(absence.Peer)));
    }

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
