using System.Globalization;

namespace Agent.Sync.Testing.Postgrest.Rows;

/// <summary>The HTTP status that PostgREST gives a SQLSTATE.</summary>
internal static class PostgrestStatus
{
    /// <summary>A trigger that always raises it is run again and again inside PostgREST 14: no answer comes.</summary>
    public const string NeverAnswered = "40001";

    public static int Of(string sqlState) => sqlState switch
    {
        ['P', 'T', ..] => int.TryParse(sqlState.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 200 and < 600 ? status : 500,
        "23503" or "23505" => 409,
        "25006" => 405,
        "42883" or "42P01" => 404,
        "42P17" or "53400" => 500,
        "42501" => 403,
        "P0001" => 400,
        _ => sqlState[..2] switch
        {
            "0L" or "0P" or "28" => 403,
            "08" or "53" => 503,
            "09" or "25" or "2D" or "38" or "39" or "3B" or "40" or "54" or "55" or "57" or "58" or "F0" or "HV" or "P0" or "XX" => 500,
            _ => 400,
        },
    };
}
