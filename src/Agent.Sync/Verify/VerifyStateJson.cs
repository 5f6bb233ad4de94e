using System.Buffers;
using System.Text.Json;

namespace Agent.Sync.Verify;

/// <summary>The JSON of a verify's state, every name written down.</summary>
internal static class VerifyStateJson
{
    private static readonly string[] Phases = ["Digests", "Rows", "ExtraRows", "Completed"];

    private static readonly (string Name, Func<VerifyCounts, long> Get, Action<VerifyCounts, long> Set)[] Counts =
    [
        ("Compared", static counts => counts.Compared, static (counts, value) => counts.Compared = value),
        ("Walked", static counts => counts.Walked, static (counts, value) => counts.Walked = value),
        ("Missing", static counts => counts.Missing, static (counts, value) => counts.Missing = value),
        ("Stale", static counts => counts.Stale, static (counts, value) => counts.Stale = value),
        ("Extra", static counts => counts.Extra, static (counts, value) => counts.Extra = value),
        ("Newer", static counts => counts.Newer, static (counts, value) => counts.Newer = value),
        ("LeftOut", static counts => counts.LeftOut, static (counts, value) => counts.LeftOut = value),
        ("WithoutPosition", static counts => counts.WithoutPosition, static (counts, value) => counts.WithoutPosition = value),
        ("Buckets", static counts => counts.Buckets, static (counts, value) => counts.Buckets = value),
        ("BucketsDiffered", static counts => counts.BucketsDiffered, static (counts, value) => counts.BucketsDiffered = value),
        ("Restored", static counts => counts.Restored, static (counts, value) => counts.Restored = value),
        ("Removed", static counts => counts.Removed, static (counts, value) => counts.Removed = value),
    ];

    public static byte[] Write(VerifyState state)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("Belongs", state.Belongs);
            json.WriteString("Below", state.Below);
            json.WriteString("Phase", Phases[(int)state.Phase]);
            JsonMembers.WriteTexts(json, "Position", state.Position);
            json.WriteBase64String("Table", state.Table.ToBytes());
            if (state.Chosen is { } chosen)
            {
                json.WriteBase64String("Chosen", [.. chosen.Select(static one => one ? (byte)1 : (byte)0).Chunk(8).Select(static bits => (byte)bits.Select(static (bit, place) => bit << place).Sum())]);
            }

            JsonMembers.WriteTexts(json, "ColumnsLeftOut", state.ColumnsLeftOut);
            foreach (var (name, get, _) in Counts)
            {
                json.WriteNumber(name, get(state.Counts));
            }

            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    /// <exception cref="JsonException">It is not such a state, or a later version's.</exception>
    public static VerifyState Read(ReadOnlySpan<byte> utf8) => JsonMembers.Read(utf8, ReadState);

    private static VerifyState ReadState(ref Utf8JsonReader json)
    {
        string? belongs = null;
        string? below = null;
        var phase = VerifyPhase.Completed;
        string[]? position = null;
        var table = new BucketTable();
        bool[]? chosen = null;
        string[]? leftOut = null;
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var members = JsonMembers.Of(ref json);
        while (members.Next(ref json) is { } name)
        {
            switch (name)
            {
                case "Belongs":
                    belongs = json.GetString();
                    break;
                case "Below":
                    below = json.GetString();
                    break;
                case "Phase":
                    phase = Array.IndexOf(Phases, json.GetString()) is var index and >= 0 ? (VerifyPhase)index : throw new JsonException();
                    break;
                case "Position":
                    position = JsonMembers.Texts(ref json);
                    break;
                case "Table":
                    table = BucketTable.Read(json.GetBytesFromBase64());
                    break;
                case "Chosen":
                    var bits = json.GetBytesFromBase64();
                    chosen = [.. Enumerable.Range(0, BucketTable.Count).Select(bucket => (bits[bucket / 8] & (1 << (bucket % 8))) != 0)];
                    break;
                case "ColumnsLeftOut":
                    leftOut = JsonMembers.Texts(ref json);
                    break;
                default:
                    counts.Add(name, json.GetInt64());
                    break;
            }
        }

        var state = new VerifyState { Belongs = belongs!, Below = below!, Phase = phase, Position = position, Table = table, Chosen = chosen, ColumnsLeftOut = leftOut ?? [] };
        foreach (var (name, _, set) in Counts)
        {
            set(state.Counts, counts.GetValueOrDefault(name));
        }

        return state;
    }
}
