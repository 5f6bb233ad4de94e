namespace QuickStart.Demo;

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
