namespace Agent.Sync.Auth;

/// <summary>What a session file says. Classes, since a record would print its secrets.</summary>
/// <param name="state">The session; null when the file holds none that can be used.</param>
internal sealed class SessionFileContent(SupabaseSessionState? state)
{
    /// <summary>Gets what a missing file says: nobody is signed in.</summary>
    public static SessionFileContent Missing { get; } = new(state: null);

    /// <summary>Gets what a damaged file says: nothing.</summary>
    public static SessionFileContent Damaged { get; } = new(state: null);

    /// <summary>Gets what the file of another project says: nothing to this one.</summary>
    public static SessionFileContent Foreign { get; } = new(state: null);

    public SupabaseSessionState? State { get; } = state;

    public bool IsMissing => ReferenceEquals(this, Missing);

    public bool IsDamaged => ReferenceEquals(this, Damaged);
}
