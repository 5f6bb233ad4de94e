using System.Collections.Concurrent;
using System.Text;
using Agent.Sync;
using Agent.Sync.Stores;

namespace CustomStore;

/// <summary>
/// Keeps each table in a file of JSON lines: the first has what the store knows about the table, the others are its rows. Each commit writes the file anew, so it is for
/// tables of some thousands of rows. The app reads; a store that records edits too implements <see cref="IChangeStore"/>.
/// </summary>
public sealed class JsonLinesStore : ILocalStore
{
    private readonly string _folder;
    private readonly ConcurrentDictionary<string, Table> _tables = new(StringComparer.Ordinal);

    /// <summary>Initializes a new instance.</summary>
    /// <param name="folder">The folder of the files; created when it is missing.</param>
    public JsonLinesStore(string folder) => _folder = Directory.CreateDirectory(folder).FullName;

    /// <summary>Returns the file of a table.</summary>
    public string PathOf(string table) => Path.Combine(_folder, Uri.EscapeDataString(table) + ".jsonl");

    /// <summary>Reads a table as an app does: one JSON object a row, by local names.</summary>
    public IEnumerable<string> ReadRows(string table) => File.Exists(PathOf(table)) ? File.ReadLines(PathOf(table)).Skip(1) : [];

    /// <inheritdoc/>
    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Guarded(dataset, () =>
        {
            // Another process may have written since the last run.
            var table = Table.Read(PathOf(dataset.LocalTable), dataset);
            if (table.AddColumns(dataset))
            {
                table.Write(PathOf(dataset.LocalTable));
            }

            _tables[dataset.LocalTable] = table;
            return new LocalState(ReadStoreId(), table.Rows.Count > 0) { Generation = table.Generation ?? table.Completed ?? 0 };
        }));
    }

    /// <inheritdoc/>
    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) => new(Change(batch.Dataset, table =>
    {
        if (batch.Generation is { } generation && table.Generation != generation)
        {
            // A new resync forgets what an abandoned one saw.
            (table.Generation, table.Seen) = (generation, []);
        }

        var counts = new long[Enum.GetValues<Outcome>().Length];
        foreach (var page in batch.Pages)
        {
            for (var index = 0; index < page.Count; index++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                counts[(int)Apply(table, batch, Row.Of(page, index))]++;
            }
        }

        var (unchanged, applied, sameVersion, deleted) = (counts[0], counts[1], counts[2], counts[3]);
        return (new ApplyResult(applied + sameVersion, unchanged, deleted) { SameVersion = sameVersion }, applied + sameVersion + deleted > 0 || batch.Generation is not null);
    }));

    /// <inheritdoc/>
    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Change(swap.Dataset, table =>
        {
            var rows = table.Rows.Count;
            if (table.Completed == swap.Generation)
            {
                // The answer to the first call was lost.
                return (new SwapResult(Refused: false, Removed: 0, rows), false);
            }

            var seen = table.Generation == swap.Generation ? table.Seen : [];
            var missing = table.Rows.Keys.Where(key => !seen.Contains(key)).ToList();
            if (missing.Count > 0 && (double)missing.Count / rows > swap.MaxRemovedShare)
            {
                return (new SwapResult(Refused: true, missing.Count, rows), false);
            }

            missing.ForEach(key => table.Rows.Remove(key));
            (table.Completed, table.Generation, table.Seen) = (swap.Generation, null, []);
            return (new SwapResult(Refused: false, missing.Count, rows), true);
        }));
    }

    private static Outcome Apply(Table table, ApplyBatch batch, Row row)
    {
        var rules = new RowRules(batch.Dataset);
        var key = rules.KeyOf(row);
        var there = table.Rows.GetValueOrDefault(key);
        if (batch.AreTombstones)
        {
            return there is not null && rules.IsBehind(there, row) && table.Rows.Remove(key) ? Outcome.Deleted : Outcome.Unchanged;
        }

        // In a resync the page is what the server has now, whatever the versions say.
        var isResync = batch.Generation is not null;
        if (isResync)
        {
            table.Seen.Add(key);
        }

        if (rules.IsRemoval(row))
        {
            return there is not null && (isResync || !rules.HasHigherVersion(there, row)) && table.Rows.Remove(key) ? Outcome.Deleted : Outcome.Unchanged;
        }

        if (there is not null && (isResync ? there.Json == row.Json : !rules.IsNewer(row, there)))
        {
            return Outcome.Unchanged;
        }

        table.Rows[key] = row;
        return !isResync && there is not null && rules.IsSameVersion(row, there) ? Outcome.SameVersion : Outcome.Applied;
    }

    /// <summary>Works on a copy, which becomes the table once it is on the disk: all of a batch or nothing.</summary>
    private TResult Change<TResult>(Dataset dataset, Func<Table, (TResult Result, bool IsChanged)> work) => Guarded(dataset, () =>
    {
        var copy = _tables[dataset.LocalTable].Copy();
        var (result, isChanged) = work(copy);
        if (isChanged)
        {
            copy.Write(PathOf(dataset.LocalTable));
            _tables[dataset.LocalTable] = copy;
        }

        return result;
    });

    /// <summary>Makes the library's exceptions of the medium's, so that the engine can say what to do.</summary>
    private T Guarded<T>(Dataset dataset, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SyncStoreException(
                SyncErrorKind.StoreFailed, $"The files in '{_folder}' cannot be read or written: check the disk and the permissions.", dataset.Name, innerException: exception);
        }
    }

    /// <summary>The id tells a folder that was deleted and made anew from the old one.</summary>
    private Guid ReadStoreId()
    {
        var path = Path.Combine(_folder, "store-id");
        if (!File.Exists(path))
        {
            Files.Replace(path, file => file.Write(Encoding.ASCII.GetBytes(Guid.NewGuid().ToString())));
        }

        return Guid.Parse(File.ReadAllText(path));
    }

    private enum Outcome
    {
        Unchanged,
        Applied,
        SameVersion,
        Deleted,
    }
}
