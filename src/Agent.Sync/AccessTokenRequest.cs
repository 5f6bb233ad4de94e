namespace Agent.Sync;

/// <summary>What the engine asks the app's token delegate for, once per request.</summary>
/// <param name="RefusedToken">Null in the ordinary case; after a 401 the token that was refused, which asks for a refresh.</param>
public sealed record AccessTokenRequest(AccessToken? RefusedToken);
