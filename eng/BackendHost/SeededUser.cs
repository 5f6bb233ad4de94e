namespace BackendHost;

/// <summary>A user after seeding, with what now belongs to them.</summary>
/// <param name="Email">The e-mail address to sign in with.</param>
/// <param name="Id">The user's id, the <c>sub</c> of their tokens.</param>
/// <param name="Artifacts">How many artifacts belong to the user.</param>
/// <param name="Projects">How many projects belong to the user.</param>
public sealed record SeededUser(string Email, Guid Id, int Artifacts, int Projects);
