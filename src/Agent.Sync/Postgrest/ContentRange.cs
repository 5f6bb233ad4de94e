using System.Globalization;
using System.Net.Http.Headers;

namespace Agent.Sync.Postgrest;

/// <summary>Reads the total from PostgREST's Content-Range, which has no unit: <c>0-99/12345</c>, <c>*/0</c>, <c>0-99/*</c>.</summary>
internal static class ContentRange
{
    public static long? TotalOf(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Range", out var values) ? ParseTotal(values.ToString()) : null;

    public static long? ParseTotal(ReadOnlySpan<char> value)
    {
        var slash = value.LastIndexOf('/');
        return slash >= 0 && long.TryParse(value[(slash + 1)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var total)
            ? total
            : null;
    }
}
