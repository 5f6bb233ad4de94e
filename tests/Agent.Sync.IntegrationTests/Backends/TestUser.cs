namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>A user who signed up.</summary>
/// <param name="Email">The address to sign in with.</param>
/// <param name="Id">The <c>sub</c> of the user's tokens.</param>
/// <param name="Token">The token that signing up gave.</param>
public sealed record TestUser(string Email, Guid Id, AccessToken Token)
{
    public const string Password = "correct-horse-battery";
}
