using System.Text.Json;

namespace Agent.Sync.Kit;

/// <summary>The JSON of the kit's horizon function. Its 64-bit numbers are text, since a JSON number may pass through a double on its way.</summary>
internal sealed class HorizonAnswer
{
    public int Kit { get; private set; }

    public DateTimeOffset? ServerTime { get; private set; }

    public string? Horizon { get; private set; }

    public string? Next { get; private set; }

    public DateTimeOffset? OldestWriterSince { get; private set; }

    /// <summary>Gets the tables that were asked for, by their name with its schema; null for one that is not enabled.</summary>
    public Dictionary<string, HorizonTable?>? Tables { get; private set; }

    /// <exception cref="JsonException">The text is not such an answer.</exception>
    public static HorizonAnswer Read(ReadOnlySpan<byte> utf8) => JsonMembers.Read(utf8, ReadAnswer);

    private static HorizonAnswer ReadAnswer(ref Utf8JsonReader json)
    {
        var answer = new HorizonAnswer();
        int? kit = null;
        var members = JsonMembers.Of(ref json);
        while (members.Next(ref json) is { } name)
        {
            switch (name)
            {
                case "kit":
                    kit = json.GetInt32();
                    break;
                case "server_time":
                    answer.ServerTime = Time(ref json);
                    break;
                case "horizon":
                    answer.Horizon = json.GetString();
                    break;
                case "next":
                    answer.Next = json.GetString();
                    break;
                case "oldest_writer_since":
                    answer.OldestWriterSince = Time(ref json);
                    break;
                case "tables":
                    answer.Tables = ReadTables(ref json);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        answer.Kit = kit ?? throw new JsonException();
        return answer;
    }

    private static Dictionary<string, HorizonTable?>? ReadTables(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var tables = new Dictionary<string, HorizonTable?>(StringComparer.Ordinal);
        var members = JsonMembers.Of(ref json);
        while (members.Next(ref json) is { } name)
        {
            tables.Add(name, json.TokenType == JsonTokenType.Null ? null : HorizonTable.Read(ref json));
        }

        return tables;
    }

    private static DateTimeOffset? Time(ref Utf8JsonReader json) => json.TokenType == JsonTokenType.Null ? null : json.GetDateTimeOffset();
}
