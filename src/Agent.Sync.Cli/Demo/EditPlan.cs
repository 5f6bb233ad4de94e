namespace Agent.Sync.Cli.Demo;

/// <summary>The rows that the demo tells about.</summary>
/// <param name="Rejected">The id of the row whose edit breaks a rule of the server's table.</param>
/// <param name="Renamed">The id of the row that gets a name here.</param>
/// <param name="Contested">The id of the row that gets a name here and another one on another device.</param>
/// <param name="Removed">The id of the row that is deleted here.</param>
/// <param name="Added">The id of the row that is new.</param>
/// <param name="Stamp">The time of day that makes the names of one run its own.</param>
internal sealed record StoryRows(string Rejected, string Renamed, string Contested, string Removed, string Added, string Stamp)
{
    public string NewName => $"Made here, {Stamp}";

    public string Rename => $"Renamed here, {Stamp}";

    public string OurName => $"Named here, {Stamp}";

    public string TheirName => $"Named elsewhere, {Stamp}";
}

/// <summary>How a number of edits is made up: mostly new rows, some changed and a few removed ones, as in an app that is being used.</summary>
internal sealed record BulkEdits(int Inserts, int Updates, int Deletes)
{
    private const int UpdatePercent = 15;
    private const int DeletePercent = 5;

    /// <summary>Neither side touches more than a fifth of the rows, so that this device and the others meet at the planned conflict only.</summary>
    private const int Shares = 10;

    public int Count => Inserts + Updates + Deletes;

    public static BulkEdits Of(int changes, int rows)
    {
        var updates = (int)Math.Min(changes * (long)UpdatePercent / 100, rows / Shares);
        var deletes = (int)Math.Min(changes * (long)DeletePercent / 100, rows / Shares);
        return new BulkEdits(changes - updates - deletes, updates, deletes);
    }
}
