using System.Globalization;
using System.Text;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Fakes;

/// <summary>A table with the SQL kit, written by transactions that overlap: rows appear with the commit, stamped with the writer's id.</summary>
internal sealed class KitServer : IPageTransport
{
    private readonly SortedDictionary<long, (long Sequence, string Name)> _rows = [];
    private readonly SortedSet<(long Sequence, long Id)> _tombstones = [];
    private readonly SortedDictionary<long, List<Action>> _open = [];
    private long _next;

    public KitServer(long firstTransaction = 100)
    {
        _next = firstTransaction;
        Tell();
    }

    public ModelKit Kit { get; } = new();

    /// <summary>Gets or sets what a request runs into, by the request's number from 0; null for an answer.</summary>
    public Func<int, Exception?>? Fault { get; set; }

    /// <summary>Gets or sets what happens right before a request is answered, by its number from 0.</summary>
    public Action<int>? Before { get; set; }

    public List<PageQuery> Queries { get; } = [];

    /// <summary>Gets the rows as they are on the server now, in the order of their text.</summary>
    public IReadOnlyList<string> Rows(Dataset dataset) => [.. _rows.Keys.Select(id => Render(dataset, id)).Order(StringComparer.Ordinal)];

    public long Begin()
    {
        var transaction = _next++;
        _open.Add(transaction, []);
        Tell();
        return transaction;
    }

    public void Commit(long transaction)
    {
        _open.Remove(transaction, out var writes);
        writes!.ForEach(static write => write());
        Tell();
    }

    public void Rollback(long transaction)
    {
        _open.Remove(transaction);
        Tell();
    }

    public void Write(long transaction, long id, string name) => _open[transaction].Add(() =>
    {
        // A key that comes back is never below the tombstone that took it away.
        var buried = _tombstones.Where(tombstone => tombstone.Id == id).Select(static tombstone => tombstone.Sequence).DefaultIfEmpty().Max();
        var floor = _rows.TryGetValue(id, out var before) ? before.Sequence + 1 : buried;
        _rows[id] = (Math.Max(transaction, floor), name);
        _tombstones.RemoveWhere(tombstone => tombstone.Id == id);
    });

    public void Delete(long transaction, long id) => _open[transaction].Add(() =>
    {
        if (_rows.Remove(id, out var before))
        {
            _tombstones.Add((Math.Max(transaction, before.Sequence + 1), id));
        }
    });

    /// <summary>Writes in a transaction of its own.</summary>
    public void Write(long id, string name)
    {
        var transaction = Begin();
        Write(transaction, id, name);
        Commit(transaction);
    }

    public void Delete(long id)
    {
        var transaction = Begin();
        Delete(transaction, id);
        Commit(transaction);
    }

    /// <summary>Empties the table without a trace but the epoch.</summary>
    public void Truncate()
    {
        _rows.Clear();
        Kit.Epoch += " later";
    }

    /// <summary>Gives ids to transactions of other tables.</summary>
    public void PassOver(long transactions)
    {
        _next += transactions;
        Tell();
    }

    /// <summary>Takes the server back to an earlier transaction id, as a restored backup does.</summary>
    public void Rewind(long next)
    {
        _next = next;
        Tell();
    }

    public Task<PageAnswer> GetPageAsync(PageQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Queries.Add(query);
        Before?.Invoke(Queries.Count - 1);
        if (Fault?.Invoke(Queries.Count - 1) is { } fault)
        {
            return Task.FromException<PageAnswer>(fault);
        }

        var rows = query.Dataset.Schema == HorizonCall.Schema ? SelectTombstones(query) : SelectRows(query);
        var page = Page.Parse(query.Dataset, Encoding.UTF8.GetBytes($"[{string.Join(",", rows.Take(query.Limit))}]"));
        return Task.FromResult(new PageAnswer(page, ServerTime: null, Total: null));
    }

    private IEnumerable<string> SelectRows(PageQuery query) => query.Order == PageOrder.Key
        ? _rows.Keys.Where(id => query.After is null || id > Key(query.After)).Select(id => Render(query.Dataset, id))
        : _rows.OrderBy(row => row.Value.Sequence).ThenBy(row => row.Key)
            .Where(row => IsAfter(row.Value.Sequence, row.Key, query.After)).Select(row => Render(query.Dataset, row.Key));

    private IEnumerable<string> SelectTombstones(PageQuery query) => _tombstones
        .Where(tombstone => IsAfter(tombstone.Sequence, tombstone.Id, query.After))
        .Select(tombstone => string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{tombstone.Id},\"sync_seq\":{tombstone.Sequence}}}"));

    private static bool IsAfter(long sequence, long id, CursorPosition? after)
    {
        if (after is null)
        {
            return true;
        }

        var since = long.Parse(after.CursorValue!, CultureInfo.InvariantCulture);
        return after.IsLowerBound ? sequence >= since : sequence > since || (sequence == since && id > Key(after));
    }

    private static long Key(CursorPosition position) => long.Parse(position.KeyValues[0], CultureInfo.InvariantCulture);

    private string Render(Dataset dataset, long id)
    {
        var (sequence, name) = _rows[id];
        var members = dataset.Columns.Select(column => $"\"{column.Name}\":" + column.Name switch
        {
            "id" => id.ToString(CultureInfo.InvariantCulture),
            "name" => $"\"{name}\"",
            "sync_seq" => sequence.ToString(CultureInfo.InvariantCulture),
            _ => $"\"{Items.Text(0)}\"",
        });
        return $"{{{string.Join(",", members)}}}";
    }

    private void Tell() => (Kit.Horizon, Kit.Next) = (_open.Count > 0 ? _open.Keys.First() : _next, _next);
}
