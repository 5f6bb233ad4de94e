namespace Agent.Sync;

/// <summary>What a session has to keep so that it can be restored after a restart. Holds secrets: keep it where only the user can read it.</summary>
/// <param name="AccessToken">The JWT that requests carry.</param>
/// <param name="RefreshToken">The token that buys the next JWT, once.</param>
/// <param name="ExpiresAt">When the JWT runs out, by this device's clock.</param>
/// <param name="UserId">The user's id, the JWT's <c>sub</c>.</param>
public sealed record SupabaseSessionState(string AccessToken, string RefreshToken, DateTimeOffset ExpiresAt, string UserId)
{
    /// <summary>Says that this is a session's state, and nothing else, so that no token leaks into a log.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => nameof(SupabaseSessionState);
}
