using System.Globalization;

namespace Agent.Sync.Resilience;

/// <summary>Reads Retry-After: seconds or an HTTP date (RFC 9110, 10.2.3).</summary>
internal static class RetryAfter
{
    // The three forms of an HTTP date, RFC 9110, 5.6.7.
    private static readonly string[] DateForms =
        ["ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    /// <summary>Returns how long the answer asks to wait; null when it does not say so.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider time) =>
        response.Headers.NonValidated.TryGetValues("Retry-After", out var values)
            ? Parse(values.ToString(), response.Headers.Date ?? time.GetUtcNow())
            : null;

    /// <summary>Returns the wait; null when the value is neither form. A date that is past means now.</summary>
    /// <param name="value">The header's value.</param>
    /// <param name="now">The server's own clock where it told it, so that a wrong device clock does not stretch the wait.</param>
    public static TimeSpan? Parse(string? value, DateTimeOffset now)
    {
        var text = value.AsSpan().Trim();
        if (text.IsEmpty)
        {
            return null;
        }

        if (!text.ContainsAnyExceptInRange('0', '9'))
        {
            // More digits than fit mean longer than anybody waits, not an unreadable value.
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? TimeSpan.FromSeconds(seconds)
                : TimeSpan.MaxValue;
        }

        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite;
        if (!DateTimeOffset.TryParseExact(text, DateForms, CultureInfo.InvariantCulture, Styles, out var date))
        {
            return null;
        }

        return date > now ? date - now : TimeSpan.Zero;
    }
}
