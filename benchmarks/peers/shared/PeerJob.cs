using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Peers;

/// <summary>What a peer is asked to do: the verb is the first argument, the second names a file with the rest.</summary>
internal sealed record PeerJob
{
    /// <summary>Gets the verb: pull, push, or one of the peer's own.</summary>
    public string Verb { get; private init; } = string.Empty;

    /// <summary>Gets the project's URL.</summary>
    public required Uri Url { get; init; }

    /// <summary>Gets the key for the apikey header.</summary>
    public required string ApiKey { get; init; }

    /// <summary>Gets the user's access token.</summary>
    public required string Token { get; init; }

    /// <summary>Gets the local SQLite file.</summary>
    public required string File { get; init; }

    /// <summary>Gets how many rows one request asks for.</summary>
    public int PageSize { get; init; }

    /// <summary>Gets how many rows an edit touches.</summary>
    public int Count { get; init; }

    /// <summary>Gets the superuser's connection string, for peers that talk SQL.</summary>
    public string? Database { get; init; }

    /// <summary>Reads the job that the arguments name, by hand: a serializer that is compiled first would be most of what a short run measures.</summary>
    public static PeerJob Read(string[] args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var json = new Utf8JsonReader(System.IO.File.ReadAllBytes(args[1]));
        while (json.Read())
        {
            if (json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                json.Read();
                values[name] = json.TokenType == JsonTokenType.String ? json.GetString()! : Encoding.UTF8.GetString(json.ValueSpan);
            }
        }

        return new PeerJob
        {
            Verb = args[0],
            Url = new Uri(values["url"]),
            ApiKey = values["apiKey"],
            Token = values["token"],
            File = values["file"],
            PageSize = NumberOf("pageSize"),
            Count = NumberOf("count"),
            Database = values.GetValueOrDefault("database"),
        };

        int NumberOf(string name) => int.Parse(values.GetValueOrDefault(name) ?? "0", CultureInfo.InvariantCulture);
    }
}
