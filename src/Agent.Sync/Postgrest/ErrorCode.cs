using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agent.Sync.Resilience;

namespace Agent.Sync.Postgrest;

/// <summary>Takes the one thing that is safe to repeat from an error answer: its code. Everything else may quote a row.</summary>
internal static class ErrorCode
{
    private const int MaxBody = 16 * 1024;

    /// <summary>Reads the code from the body, else from Proxy-Status; null when neither has one of the right shape.</summary>
    /// <returns>The code, and the dataset's column that the server says it lacks, or names as the one whose value it refuses, if it does.</returns>
    public static async ValueTask<(string? Code, string? Column)> ReadAsync(HttpResponseMessage response, Dataset? dataset, CancellationToken cancellationToken)
    {
        var (fromBody, column) = MediaTypes.IsJson(response.Content.Headers.ContentType)
            ? await ReadBodyAsync(response.Content, dataset, cancellationToken).ConfigureAwait(false)
            : default;
        return (fromBody ?? FromProxyStatus(response.Headers), column);
    }

    /// <summary>Tells whether a text is a SQLSTATE or one of PostgREST's own codes.</summary>
    public static bool IsCode(ReadOnlySpan<char> text) =>
        text.StartsWith("PGRST", StringComparison.Ordinal)
            ? text.Length == 8 && IsUpperOrDigit(text)
            : text.Length == 5 && IsUpperOrDigit(text);

    /// <summary>Takes the code of a JSON object, which may be cut off.</summary>
    public static string? FromJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, isFinalBlock: false, state: default);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isCode = reader.ValueTextEquals("code"u8);
                if (!reader.Read())
                {
                    return null;
                }

                if (isCode)
                {
                    return reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && reader.ValueSpan.Length <= 8
                        ? Checked(Encoding.UTF8.GetString(reader.ValueSpan))
                        : null;
                }

                if (!reader.TrySkip())
                {
                    return null;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON after all, or a name that is not valid UTF-16; the exception would quote it.
        }

        return null;
    }

    private static async ValueTask<(string? Code, string? Column)> ReadBodyAsync(HttpContent content, Dataset? dataset, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBody);
        try
        {
            var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var length = await stream.ReadAtLeastAsync(buffer.AsMemory(0, MaxBody), MaxBody, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var code = FromJson(buffer.AsSpan(0, length));
            return (code, MissingColumn.Find(code, buffer.AsSpan(0, length), dataset) ?? ErrorColumn.Find(code, buffer.AsSpan(0, length), dataset));
        }
        catch (Exception exception) when (HttpFault.IsBrokenBody(exception))
        {
            // The status says enough.
            return default;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // PostgREST: Proxy-Status: PostgREST; error=PGRST116
    private static string? FromProxyStatus(HttpResponseHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("Proxy-Status", out var values))
        {
            return null;
        }

        var text = values.ToString().AsSpan();
        var start = text.IndexOf("error=", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return null;
        }

        var code = text[(start + "error=".Length)..];
        var end = code.IndexOfAny(';', ',');
        return Checked((end < 0 ? code : code[..end]).Trim().Trim('"').ToString());
    }

    private static string? Checked(string text) => IsCode(text) ? text : null;

    private static bool IsUpperOrDigit(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterUpper(character) && !char.IsAsciiDigit(character))
            {
                return false;
            }
        }

        return true;
    }
}
