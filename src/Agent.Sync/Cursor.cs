namespace Agent.Sync;

/// <summary>A position in a dataset's order, opaque and tamper-evident: keep its token, hand it back to go on from there.</summary>
/// <remarks>
/// The token is versioned, base64url, at most 4 KiB, and sealed with HMAC-SHA256 over the scope, the schema and the
/// position. That protects from mix-ups, corruption and a tampered file; it does not hide the values from, or bind,
/// whoever owns the device and its key. Immutable and safe for concurrent use.
/// </remarks>
public sealed class Cursor
{
    /// <summary>The longest token, in characters.</summary>
    public const int MaxTokenLength = 4096;

    // A decoder forgives spaces and padding; then two different tokens would be the same cursor.
    private static readonly System.Buffers.SearchValues<char> Alphabet = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly string _token;

    private Cursor(string token) => _token = token;

    /// <summary>Takes a token that <see cref="ToToken"/> gave. Whether it is genuine is checked where it is used.</summary>
    /// <param name="token">The token.</param>
    /// <returns>The cursor.</returns>
    /// <exception cref="SyncProtocolException">The token is empty, too long, or not base64url: it was damaged on its way.</exception>
    public static Cursor FromToken(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Length is 0 or > MaxTokenLength || token.AsSpan().ContainsAnyExcept(Alphabet) || !System.Buffers.Text.Base64Url.IsValid(token))
        {
            throw SyncProtocolException.CursorRefused(dataset: null, "it is not a cursor token");
        }

        return new Cursor(token);
    }

    /// <summary>Returns the token: base64url, safe in a URL or a file name. Treat it as data of the row it stands for.</summary>
    /// <returns>At most <see cref="MaxTokenLength"/> characters.</returns>
    public string ToToken() => _token;

    /// <summary>Says that this is a cursor, and nothing else, so that it cannot leak into a log.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => "Cursor";
}
