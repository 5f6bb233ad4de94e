namespace BenchmarkSuite.Cells;

/// <summary>One measured situation.</summary>
/// <param name="Id">Its name in the results.</param>
/// <param name="Title">Its name in tables.</param>
internal sealed record Cell(string Id, string Title)
{
    public static Cell Full { get; } = new("full", "full pull, 1,000 a page");

    public static Cell FullSmallPages { get; } = new("full-100", "full pull, 100 a page");

    public static Cell NoOp { get; } = new("no-op", "no-op");

    public static Cell Delta { get; } = new("delta", "delta, 1 % changed");

    public static Cell Inserts { get; } = new("inserts", "push of new rows, 10 %");

    public static Cell Updates { get; } = new("updates", "push of updates, 1 %");

    public static Cell Deletes { get; } = new("deletes", "push of deletes, 1 %");

    public static IReadOnlyList<Cell> All { get; } = [Full, FullSmallPages, NoOp, Delta, Inserts, Updates, Deletes];
}
