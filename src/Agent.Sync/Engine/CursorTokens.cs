using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agent.Sync.Checkpoints;

namespace Agent.Sync.Engine;

/// <summary>Issues and checks the public cursor tokens of one dataset and scope.</summary>
internal sealed class CursorTokens(ContentSeal seal, Dataset dataset, ScopeStamp scope)
{
    private readonly string _context = $"cursor {scope.Combine(dataset)}";

    public Cursor Issue(CursorPosition position)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(position, CursorJsonContext.Default.CursorPosition);
        var token = Base64Url.EncodeToString(seal.Seal(_context, payload));
        return token.Length <= Cursor.MaxTokenLength
            ? Cursor.FromToken(token)
            : throw new SyncProtocolException(
                SyncErrorKind.CursorRefused,
                $"A key of dataset '{dataset.Name}' is too long for a cursor token of {Cursor.MaxTokenLength} characters. Use a shorter key, or SyncAsync, whose checkpoints have room.",
                dataset.Name);
    }

    /// <exception cref="SyncProtocolException">The token is not genuine, or was issued for something else.</exception>
    public CursorPosition Open(Cursor cursor)
    {
        var check = seal.Open(_context, Base64Url.DecodeFromChars(cursor.ToToken()), out var payload);
        if (check != SealCheck.Genuine)
        {
            throw SyncProtocolException.CursorRefused(dataset.Name, check switch
            {
                SealCheck.NewerVersion => "a newer version of Agent.Sync issued it",
                SealCheck.UnknownKey => "it is sealed with a key that is not configured",
                SealCheck.Forged => "it was changed, or issued for another dataset, filter, user or project",
                _ => "it is not a whole cursor token",
            });
        }

        // Genuine bytes were written by this code, so they parse.
        return JsonSerializer.Deserialize(payload.Span, CursorJsonContext.Default.CursorPosition)!;
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CursorPosition))]
internal sealed partial class CursorJsonContext : JsonSerializerContext;
