namespace Agent.Sync;

/// <summary>What the engine asks of the app's token delegate, once per HTTP request.</summary>
/// <param name="RefusedToken">Normally null. After a 401 the token that the server refused: refresh it.</param>
public sealed record AccessTokenRequest(AccessToken? RefusedToken);
