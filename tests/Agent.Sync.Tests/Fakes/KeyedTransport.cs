using System.Globalization;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Fakes;

/// <summary>Answers key ranges of a set of integer keys, each request when the test says so, in any order.</summary>
internal sealed class KeyedTransport(IReadOnlyList<long> keys) : IPageTransport
{
    private readonly List<(PageQuery Query, TaskCompletionSource<PageAnswer> Answer, int Number)> _pending = [];

    public List<PageQuery> Queries { get; } = [];

    public int Pending => _pending.Count;

    public int MostPending { get; private set; }

    /// <summary>Gets or sets what a test makes of the keys of an answer; null to leave them as they are.</summary>
    public Func<PageQuery, IEnumerable<long>, IEnumerable<long>>? Lie { get; set; }

    /// <summary>Gets or sets the total that the first answer tells; null for none.</summary>
    public long? Total { get; set; }

    /// <summary>Gets or sets which request fails, by its number from 1, and how.</summary>
    public Func<int, Exception?>? Fault { get; set; }

    public Task<PageAnswer> GetPageAsync(PageQuery query, CancellationToken cancellationToken)
    {
        Queries.Add(query);
        var answer = new TaskCompletionSource<PageAnswer>();
        _pending.Add((query, answer, Queries.Count));
        MostPending = Math.Max(MostPending, _pending.Count);
        cancellationToken.Register(() =>
        {
            if (answer.TrySetCanceled(cancellationToken))
            {
                _pending.RemoveAll(pending => pending.Answer == answer);
            }
        });
        return answer.Task;
    }

    /// <summary>Answers one of the requests under way.</summary>
    public void Answer(int index)
    {
        var (query, answer, number) = _pending[index];
        _pending.RemoveAt(index);
        if (Fault?.Invoke(number) is { } failure)
        {
            answer.TrySetException(failure);
            return;
        }

        var found = keys.Where(key => Follows(key, query.After?.KeyValues) && !Follows(key, query.UpTo, none: false));
        found = query.Descending ? found.Reverse() : found;
        found = Lie?.Invoke(query, keys) ?? found;
        answer.TrySetResult(Items.Answer(Items.Page([.. found.Take(query.Limit).Select(static key => (key, 1.0))])) with { Total = number == 1 ? Total : null });
    }

    private static bool Follows(long key, IReadOnlyList<string>? bound, bool none = true) =>
        bound is null ? none : key > long.Parse(bound[0], CultureInfo.InvariantCulture);
}
