using System.Globalization;
using System.Text;
using Agent.Sync.Diagnostics;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Seams;

namespace Agent.Sync.Tests.Fakes;

/// <summary>Datasets and pages to test with: an integer key unless said otherwise, and an update time.</summary>
internal static class Items
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Dataset Dataset { get; } = Define().Build();

    public static DatasetBuilder Define(ColumnType key = ColumnType.Integer) =>
        Sync.Dataset.Define("items").Key("id", key).Column("name", ColumnType.Text).UpdatedAt("updated_at");

    public static string Text(TimeSpan afterNoon) => TimestampText.Format(Noon + afterNoon);

    public static string Text(double secondsAfterNoon) => Text(TimeSpan.FromSeconds(secondsAfterNoon));

    public static long Microseconds(string timestamp) =>
        TimestampText.TryParse(Encoding.UTF8.GetBytes(timestamp), out var microseconds)
            ? microseconds
            : throw new ArgumentException("This is no timestamp.", nameof(timestamp));

    /// <summary>A page whose rows have an id and an update time in seconds after noon.</summary>
    public static Page Page(params (long Id, double Seconds)[] rows) =>
        Parse(Dataset, rows.Select(row => (row.Id.ToString(CultureInfo.InvariantCulture), (string?)Text(row.Seconds))));

    /// <summary>A page of any dataset that has an id, a name and an update time; the id is JSON text.</summary>
    public static Page Parse(Dataset dataset, IEnumerable<(string Id, string? UpdatedAt)> rows)
    {
        var json = string.Join(",", rows.Select(row =>
            $"{{\"id\":{row.Id},\"name\":\"n\",\"updated_at\":{(row.UpdatedAt is null ? "null" : $"\"{row.UpdatedAt}\"")}}}"));
        return Sync.Page.Parse(dataset, Encoding.UTF8.GetBytes($"[{json}]"));
    }

    public static PageAnswer Answer(Page page, DateTimeOffset? serverTime = null) => new(page, serverTime ?? Noon, Total: null);

    public static PulledPage Pulled(Page page, PageOrder order = PageOrder.Cursor, DateTimeOffset? serverTime = null, bool isFull = false) =>
        new(page, new PageOrderGuard(page.Dataset, order, after: null).Check(page), serverTime ?? Noon, Total: null, isFull);

    public static PageFetcher Fetcher(IPageTransport transport, PageSizer sizer, TimeProvider? time = null) =>
        new(transport, Dataset, sizer, new EngineSeams { Work = new InlineWork(), Time = time ?? TimeProvider.System }, new SyncMetrics(null), new ListLog());

    public static bool IsDisposed(Page page)
    {
        try
        {
            _ = page.Utf8Json;
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
