namespace Agent.Sync.Auth;

/// <summary>The file's JSON.</summary>
internal sealed class SessionFileBody
{
    public const int Current = 1;

    public int Version { get; set; }

    public string? Url { get; set; }

    public string? UserId { get; set; }

    public string? AccessToken { get; set; }

    public string? RefreshToken { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
}
