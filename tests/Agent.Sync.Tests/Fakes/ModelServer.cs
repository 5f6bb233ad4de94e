using System.Globalization;
using System.Text;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Fakes;

/// <summary>A table with an integer key and an update time, asked page by page. Its clock is its own.</summary>
internal sealed class ModelServer : IPageTransport
{
    public SortedDictionary<long, (long Microseconds, string Name)> Rows { get; } = [];

    public DateTimeOffset Now { get; set; } = Items.Noon;

    /// <summary>Gets or sets the server's own limit of rows per answer, which it does not tell.</summary>
    public int Cap { get; set; } = int.MaxValue;

    /// <summary>Gets or sets what a request runs into, by the request's number from 0; null for an answer.</summary>
    public Func<int, Exception?>? Fault { get; set; }

    /// <summary>Gets or sets what happens right before a request is answered, by its number from 0.</summary>
    public Action<int>? Before { get; set; }

    public int Requests { get; private set; }

    public bool SendsDate { get; set; } = true;

    /// <summary>Gets or sets what the Date header says, by the request's number from 0, where that is not the time.</summary>
    public Func<int, DateTimeOffset?> Date { get; set; } = static _ => null;

    public List<PageQuery> Queries { get; } = [];

    /// <summary>Writes a row stamped with the server's clock, or with an earlier time for a transaction that commits late.</summary>
    /// <remarks>A row's own stamps rise, as the cursor column of a dataset without a version column must.</remarks>
    public void Write(long id, string name, TimeSpan ago = default)
    {
        var stamp = TimestampText.ToMicroseconds(Now - ago);
        Rows[id] = (Rows.TryGetValue(id, out var before) ? Math.Max(stamp, before.Microseconds + 1) : stamp, name);
    }

    public Task<PageAnswer> GetPageAsync(PageQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var number = Requests++;
        Queries.Add(query);
        Before?.Invoke(number);
        if (Fault?.Invoke(number) is { } fault)
        {
            return Task.FromException<PageAnswer>(fault);
        }

        var matching = Select(query).ToList();
        var page = Page.Parse(query.Dataset, Encoding.UTF8.GetBytes(
            $"[{string.Join(",", matching.Take(Math.Min(query.Limit, Cap)).Select(id => Render(query.Dataset, id)))}]"));
        var wholeSeconds = new DateTimeOffset(Now.Ticks - (Now.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        return Task.FromResult(new PageAnswer(
            page, SendsDate ? Date(number) ?? wholeSeconds : null, query.Count == TotalCount.None ? null : matching.Count));
    }

    public static string Json(Dataset dataset, long id, long microseconds, string name)
    {
        var members = dataset.Columns.Select(column => $"\"{column.Name}\":" + column.Name switch
        {
            "id" => id.ToString(CultureInfo.InvariantCulture),
            "name" => $"\"{name}\"",
            "updated_at" => $"\"{TimestampText.Format(DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds))}\"",
            _ => "null",
        });
        return $"{{{string.Join(",", members)}}}";
    }

    private string Render(Dataset dataset, long id) => Json(dataset, id, Rows[id].Microseconds, Rows[id].Name);

    private IEnumerable<long> Select(PageQuery query)
    {
        if (query.Order == PageOrder.Key)
        {
            var after = query.After is null ? long.MinValue : Number(query.After);
            return Rows.Keys.Where(id => id > after);
        }

        var ordered = Rows.OrderBy(row => row.Value.Microseconds).ThenBy(row => row.Key);
        if (query.After is not { } position)
        {
            return ordered.Select(row => row.Key);
        }

        var since = Items.Microseconds(position.CursorValue!);
        return ordered
            .Where(row => position.IsLowerBound
                ? row.Value.Microseconds >= since
                : row.Value.Microseconds > since || (row.Value.Microseconds == since && row.Key > Number(position)))
            .Select(row => row.Key);
    }

    private static long Number(CursorPosition position) => long.Parse(position.KeyValues[0], CultureInfo.InvariantCulture);
}
