namespace Agent.Sync.Auth;

/// <summary>A token as a request needs it: whose it is, and the header it goes into. Never printed.</summary>
internal sealed class SessionToken(AccessToken? token, string? authorization, string subject, string role)
{
    /// <summary>Gets the app's token; null when a secret key stands in for a user.</summary>
    public AccessToken? Token { get; } = token;

    /// <summary>Gets the value of the Authorization header; null when the key alone goes out.</summary>
    public string? Authorization { get; } = authorization;

    public string Subject { get; } = subject;

    public string Role { get; } = role;

    public bool IsSameUserAs(SessionToken other) =>
        string.Equals(Subject, other.Subject, StringComparison.Ordinal)
        && string.Equals(Role, other.Role, StringComparison.Ordinal);
}
