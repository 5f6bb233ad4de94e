namespace Agent.Sync;

/// <summary>A position in a dataset's order, opaque and tamper-evident. Keep its token and pass it back to continue from there.</summary>
/// <remarks>
/// The token is versioned, base64url, at most 4 KiB, and sealed with HMAC-SHA256 over the scope, the schema and the
/// position. The seal protects against mix-ups, corruption and a tampered file. It does not hide the values from the
/// owner of the device and its key, and does not stop them from making a cursor. Immutable and safe for concurrent use.
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

    /// <summary>Reads a token that <see cref="ToToken"/> returned. It is verified when it is used.</summary>
    /// <param name="token">The token.</param>
    /// <returns>The cursor.</returns>
    /// <exception cref="SyncProtocolException">The token is empty, too long, or not base64url: it was damaged in transit.</exception>
    public static Cursor FromToken(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.Length is 0 or > MaxTokenLength || token.AsSpan().ContainsAnyExcept(Alphabet) || !System.Buffers.Text.Base64Url.IsValid(token))
        {
            throw SyncProtocolException.CursorRefused(dataset: null, "it is not a cursor token");
        }

        return new Cursor(token);
    }

    /// <summary>Returns the token: base64url, safe in a URL or a file name. Treat it like the row it stands for: it holds key values.</summary>
    /// <returns>At most <see cref="MaxTokenLength"/> characters.</returns>
    public string ToToken() => _token;

    /// <summary>Returns a constant text instead of the token, so that the token cannot leak into a log.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => "Cursor";
}
