namespace ApiContract.Checking;

/// <summary>What a check found.</summary>
/// <param name="Use">The operation and the purpose it was sent for, such as <c>artifacts.read/page-by-key</c>; null when it fits none.</param>
/// <param name="Violations">What the description does not allow, without any value of the request.</param>
public sealed record RequestFinding(string? Use, IReadOnlyList<string> Violations);
