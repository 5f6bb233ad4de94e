using System.Globalization;
using System.Text.Json;

namespace Agent.Sync.Kit;

/// <summary>The JSON of the kit's digest function.</summary>
internal sealed class DigestAnswer
{
    /// <summary>Gets how many rows were walked over.</summary>
    public long Walked { get; private set; }

    /// <summary>Gets the key to go on after; null at the end of the table.</summary>
    public IReadOnlyList<string>? Last { get; private set; }

    /// <summary>Gets the columns that cannot be compared.</summary>
    public IReadOnlyList<string> Omitted { get; private set; } = [];

    /// <summary>Gets the sums of buckets.</summary>
    public IReadOnlyList<DigestBucket> Buckets { get; private set; } = [];

    /// <summary>Gets the rows of the buckets that were asked for.</summary>
    public IReadOnlyList<DigestRow> Rows { get; private set; } = [];

    /// <param name="utf8">The answer.</param>
    /// <param name="keys">How many columns the key has.</param>
    /// <exception cref="SyncSchemaException">The kit is of another version.</exception>
    /// <exception cref="SyncProtocolException">The answer is not the kit's.</exception>
    public static DigestAnswer Read(ReadOnlySpan<byte> utf8, int keys)
    {
        try
        {
            return JsonMembers.Read(utf8, (ref json) => ReadAnswer(ref json, keys));
        }
        catch (JsonException)
        {
            throw KitFailure.Malformed("digest");
        }
    }

    private static DigestAnswer ReadAnswer(ref Utf8JsonReader json, int keys)
    {
        var answer = new DigestAnswer();
        int? kit = null;
        var members = JsonMembers.Of(ref json);
        while (members.Next(ref json) is { } name)
        {
            switch (name)
            {
                case "kit":
                    kit = json.GetInt32();
                    break;
                case "walked":
                    answer.Walked = json.GetInt64();
                    break;
                case "last":
                    answer.Last = JsonMembers.Texts(ref json);
                    break;
                case "omitted":
                    answer.Omitted = JsonMembers.Texts(ref json) ?? throw new JsonException();
                    break;
                case "buckets":
                    answer.Buckets = JsonMembers.Items(ref json, DigestBucket.Read) ?? throw new JsonException();
                    break;
                case "rows":
                    answer.Rows = JsonMembers.Items(ref json, (ref item) => DigestRow.Read(ref item, keys)) ?? throw new JsonException();
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (kit is { } version && version != KitFailure.KnownVersion)
        {
            throw KitFailure.OtherVersion(version);
        }

        return kit is not null && answer.Walked >= 0 && (answer.Last is null || answer.Last.Count == keys) ? answer : throw new JsonException();
    }

    /// <summary>Reads a hash, in hexadecimal because a JSON number may pass through a double on its way.</summary>
    public static ulong ReadHash(ref Utf8JsonReader json) =>
        json.Read() && ulong.TryParse(json.GetString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash) ? hash : throw new JsonException();

    public static void ReadEnd(ref Utf8JsonReader json)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.EndArray)
        {
            throw new JsonException();
        }
    }
}

/// <summary>What a walk found in one bucket.</summary>
internal sealed record DigestBucket(int Bucket, long Rows, ulong Hash)
{
    public static DigestBucket Read(ref Utf8JsonReader json)
    {
        json.Read();
        var bucket = json.GetInt32();
        json.Read();
        var rows = json.GetInt64();
        var found = new DigestBucket(bucket, rows, DigestAnswer.ReadHash(ref json));
        DigestAnswer.ReadEnd(ref json);
        return found;
    }
}

/// <summary>One row of a walk: its key and sequence as texts, and the hash of what is compared.</summary>
internal sealed record DigestRow(IReadOnlyList<string> Key, string Sequence, bool IsDeleted, ulong Hash)
{
    public static DigestRow Read(ref Utf8JsonReader json, int keys)
    {
        var key = new string[keys];
        for (var part = 0; part < keys; part++)
        {
            json.Read();
            key[part] = json.GetString() ?? throw new JsonException();
        }

        json.Read();
        var sequence = json.GetString() ?? throw new JsonException();
        json.Read();
        var isDeleted = json.GetBoolean();
        var row = new DigestRow(key, sequence, isDeleted, DigestAnswer.ReadHash(ref json));
        DigestAnswer.ReadEnd(ref json);
        return row;
    }

    // A record would print its values.
    public override string ToString() => nameof(DigestRow);
}
