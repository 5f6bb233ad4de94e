namespace Agent.Sync;

/// <summary>The state of a session, to restore it after a restart. It holds secrets: save it where only the user can read it.</summary>
/// <param name="AccessToken">The JWT that requests carry.</param>
/// <param name="RefreshToken">The token for the next JWT. It can be used once.</param>
/// <param name="ExpiresAt">When the JWT expires, by this device's clock.</param>
/// <param name="UserId">The user's id, the JWT's <c>sub</c>.</param>
public sealed record SupabaseSessionState(string AccessToken, string RefreshToken, DateTimeOffset ExpiresAt, string UserId)
{
    /// <summary>Returns a constant text instead of the state, so that no token leaks into a log.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => nameof(SupabaseSessionState);
}
