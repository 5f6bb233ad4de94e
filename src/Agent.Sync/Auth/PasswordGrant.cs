namespace Agent.Sync.Auth;

/// <summary>The body of a sign-in by password.</summary>
internal sealed class PasswordGrant
{
    public required string Email { get; init; }

    public required string Password { get; init; }
}
