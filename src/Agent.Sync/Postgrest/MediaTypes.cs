using System.Net.Http.Headers;

namespace Agent.Sync.Postgrest;

internal static class MediaTypes
{
    public const string Json = "application/json";

    private const string PostgrestPrefix = "application/vnd.pgrst.";

    public static bool IsJson(MediaTypeHeaderValue? type) =>
        type?.MediaType is { } name
        && (name.Equals(Json, StringComparison.OrdinalIgnoreCase) || name.StartsWith(PostgrestPrefix, StringComparison.OrdinalIgnoreCase));
}
