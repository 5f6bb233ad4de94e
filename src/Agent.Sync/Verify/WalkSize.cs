namespace Agent.Sync.Verify;

/// <summary>How many rows one call of the kit's digest walks over: more while it is quick, fewer where it is slow or times out.</summary>
internal sealed class WalkSize(int first, int most)
{
    private const int Floor = 50;

    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(0.8);

    // A quarter of the shortest statement timeout that Supabase sets, 8 s for users who are signed in and 3 s for others.
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    private int _most = most;

    public int Rows { get; private set; } = first;

    public void Record(TimeSpan elapsed) => Rows = elapsed < Quick ? Math.Min(_most, Rows * 2) : elapsed > Slow ? Math.Max(Floor, Rows / 2) : Rows;

    /// <summary>Halves it after a timeout, for good. False when it is that small already.</summary>
    public bool TryShrink()
    {
        if (Rows <= Floor)
        {
            return false;
        }

        _most = Rows = Math.Max(Floor, Rows / 2);
        return true;
    }
}
