using System.Text;
using System.Text.Json;
using Agent.Sync.Stores;

namespace Agent.Sync.Benchmarks.Pushing;

/// <summary>An outbox of inserts whose JSON is there already, and which forgets what it is told.</summary>
internal sealed class CannedChanges : IChangeStore
{
    private readonly (byte[] Key, byte[] Row)[] _rows;
    private readonly string[] _columns = [.. ApplyRows.Dataset.PushedOrdinals.Select(static ordinal => ApplyRows.Dataset.Columns[ordinal].Name)];

    public CannedChanges(IEnumerable<byte[]> pages) =>
        _rows = [.. pages.SelectMany(static page => JsonDocument.Parse(page).RootElement.EnumerateArray().Select(Cut))];

    public ValueTask<ChangeCounts> CountChangesAsync(Dataset dataset, CancellationToken cancellationToken) => new(new ChangeCounts(_rows.Length, 0));

    public ValueTask<ChangeBatch> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        using var builder = new ChangeBatchBuilder();
        for (var id = request.After + 1; id <= _rows.Length && builder.Count < request.MaxChanges && builder.Bytes < request.MaxBytes; id++)
        {
            var (key, row) = _rows[id - 1];
            builder.Add(id, new Guid((int)id, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]), ChangeKind.Insert, _columns, key, default, row);
        }

        return new ValueTask<ChangeBatch>(builder.Build());
    }

    public ValueTask SettleAsync(SettlementBatch batch, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyList<LocalChange>> ListChangesAsync(Dataset dataset, ChangeState? state, long after, int limit, CancellationToken cancellationToken) =>
        new([]);

    public ValueTask<ChangeRows> ReadRowsAsync(Dataset dataset, long change, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> RetryChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> DiscardChangesAsync(Dataset dataset, IReadOnlyCollection<long>? changes, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) => throw new NotSupportedException();

    private static (byte[] Key, byte[] Row) Cut(JsonElement row)
    {
        var values = ApplyRows.Dataset.PushedOrdinals
            .Select(static ordinal => ApplyRows.Dataset.Columns[ordinal].Name)
            .Select(name => $"\"{name}\":{row.GetProperty(name).GetRawText()}");
        return (Encoding.UTF8.GetBytes($"{{\"id\":{row.GetProperty("id").GetRawText()}}}"), Encoding.UTF8.GetBytes($"{{{string.Join(',', values)}}}"));
    }
}
