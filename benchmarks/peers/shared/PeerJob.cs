using System.Text.Json;
using System.Text.Json.Serialization;

namespace Peers;

/// <summary>What a peer is asked to do: the verb is the first argument, the second names a file with the rest.</summary>
internal sealed record PeerJob
{
    /// <summary>Gets the verb: pull, push, or one of the peer's own.</summary>
    [JsonIgnore]
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

    /// <summary>Reads the job that the arguments name.</summary>
    public static PeerJob Read(string[] args) =>
        JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(args[1]), PeerJson.Default.PeerJob)! with { Verb = args[0] };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PeerJob))]
internal sealed partial class PeerJson : JsonSerializerContext;
