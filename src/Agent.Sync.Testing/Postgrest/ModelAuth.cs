using System.Globalization;
using System.Text.Json;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>The two grants of GoTrue that a client needs, with refresh tokens that work once.</summary>
internal sealed class ModelAuth(PostgrestDouble server)
{
    private readonly Dictionary<string, (string Password, string Sub)> _users = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, (string Email, bool IsUsed)> _refreshTokens = new(StringComparer.Ordinal);
    private long _number;

    public void Add(string email, string password, string sub) => _users[email] = (password, sub);

    public ModelAnswer Answer(RecordedRequest request)
    {
        using var document = JsonDocument.Parse(request.Body.Length == 0 ? "{}" : request.Body);
        return request.Query.TrimStart('?') switch
        {
            "grant_type=password" => Password(Text(document, "email"), Text(document, "password")),
            "grant_type=refresh_token" => Refresh(Text(document, "refresh_token")),
            _ => Refuse("validation_failed", "unsupported grant type"),
        };
    }

    private static string Text(JsonDocument document, string name) =>
        document.RootElement.TryGetProperty(name, out var value) ? value.GetString() ?? string.Empty : string.Empty;

    private static ModelAnswer Refuse(string code, string message) =>
        new(400, JsonText.Write(writer =>
        {
            writer.WriteNumber("code", 400);
            writer.WriteString("error_code", code);
            writer.WriteString("msg", message);
        }));

    private ModelAnswer Password(string email, string password) =>
        _users.TryGetValue(email, out var user) && user.Password == password
            ? Grant(email)
            : Refuse("invalid_credentials", "Invalid login credentials");

    private ModelAnswer Refresh(string token)
    {
        if (!_refreshTokens.TryGetValue(token, out var session))
        {
            return Refuse("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");
        }

        if (session.IsUsed)
        {
            // A token that comes back revokes its whole session, the newest token included.
            foreach (var other in _refreshTokens.Where(pair => pair.Value.Email == session.Email).Select(static pair => pair.Key).ToArray())
            {
                _refreshTokens.Remove(other);
            }

            return Refuse("refresh_token_already_used", "Invalid Refresh Token: Already Used");
        }

        _refreshTokens[token] = session with { IsUsed = true };
        return Grant(session.Email);
    }

    private ModelAnswer Grant(string email)
    {
        var sub = _users[email].Sub;
        var expires = server.ServerTime + server.TokenLifetime;
        var refresh = string.Create(CultureInfo.InvariantCulture, $"refresh-{++_number}");
        _refreshTokens[refresh] = (email, false);
        return new ModelAnswer(200, JsonText.Write(writer =>
        {
            writer.WriteString("access_token", server.CreateToken(sub, expires: expires));
            writer.WriteString("token_type", "bearer");
            writer.WriteNumber("expires_in", (long)server.TokenLifetime.TotalSeconds);
            writer.WriteNumber("expires_at", expires.ToUnixTimeSeconds());
            writer.WriteString("refresh_token", refresh);
            writer.WriteStartObject("user");
            writer.WriteString("id", sub);
            writer.WriteString("email", email);
            writer.WriteEndObject();
        }));
    }
}
