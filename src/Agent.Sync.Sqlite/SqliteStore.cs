using Agent.Sync.Sqlite.Applying;
using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Configuration;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite;

/// <summary>Keeps rows in the app's own tables of a SQLite file, their checkpoint in the same transaction, and the app's edits of them in an outbox.</summary>
/// <remarks>
/// <para>
/// The app reads and writes the same file from its own connections at any time; the store holds the write lock only while
/// a batch is applied. The store's own tables have the prefix <c>agent_sync_</c>. The file is opened at the first call and is in WAL mode.
/// </para>
/// <para>
/// Triggers on the table record what the app inserts, updates and deletes, with any library, in the app's own transaction; see
/// <see cref="SqliteStoreOptions.RecordChanges"/>.
/// </para>
/// <para>
/// Values are kept as Microsoft.Data.Sqlite parameters and EF Core compare them: uuid as upper-case text (or a blob, see
/// <see cref="SqliteUuidFormat"/>), timestamptz as <c>yyyy-MM-dd HH:mm:ss.ffffff+00:00</c> in UTC with its microseconds
/// (compare with UTC parameters), timestamp, date and time as DateTime, DateOnly and TimeOnly parameters, numeric as the
/// text of a decimal parameter (the server's digits where they do not fit a decimal), boolean as 0 or 1, json as the server's
/// text, bytea as a blob. SQLite stores a double NaN as NULL; infinite timestamps keep their name.
/// </para>
/// <para>Safe for concurrent use. The calls take turns, and each blocks its thread while it works.</para>
/// </remarks>
public sealed partial class SqliteStore : IChangeStore, ICheckpointStore, IAsyncDisposable, IDisposable
{
    private readonly StoreConnection _connection;

    // Tombstones have a dataset of their own, but the rows that they make room for are the table's.
    private readonly Dictionary<string, Dataset> _prepared = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Initializes a new instance with the default options. Nothing is opened yet.</summary>
    /// <param name="databasePath">The database file; see <see cref="SqliteStoreOptions.DatabasePath"/>.</param>
    /// <exception cref="ArgumentException">The path is empty or does not name a file.</exception>
    public SqliteStore(string databasePath)
        : this(new SqliteStoreOptions { DatabasePath = databasePath })
    {
    }

    /// <summary>Initializes a new instance. Nothing is opened yet.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message says which.</exception>
    public SqliteStore(SqliteStoreOptions options)
        : this(options, hook: null)
    {
    }

    internal SqliteStore(SqliteStoreOptions options, SqliteHook? hook) =>
        _connection = new StoreConnection(CheckedOptions.From(options), hook);

    /// <inheritdoc/>
    public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return _connection.Run(dataset.Name, Prepare, cancellationToken);

        LocalState Prepare(StoreSession session)
        {
            var database = session.Database;
            var state = database.Write(() => PrepareNow(session, dataset));
            _prepared[dataset.LocalTable] = dataset;
            Respell(session, dataset);
            if (ParkedTable.Any(database, dataset.LocalTable))
            {
                // The app may have made room for them, or dropped an index, since the last run.
                session.WriteRows(dataset, () => session.RetryParked(dataset, isAfterApply: false));
            }

            return state;
        }
    }

    /// <inheritdoc/>
    public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var page in batch.Pages)
        {
            RequireColumns(page, batch.Dataset, nameof(batch));
        }

        return _connection.Run(batch.Dataset.Name, Apply, cancellationToken);

        ApplyResult Apply(StoreSession session)
        {
            var plan = session.PlanFor(batch.Dataset);
            return session.WriteRows(batch.Dataset, isCareful =>
            {
                RequireTriggers(session, batch.Dataset);
                if (batch.Checkpoint is not null)
                {
                    session.Checkpoints.Write(batch.Checkpoint);
                }

                return ApplyPages(session, plan, batch, isCareful, cancellationToken);
            });
        }
    }

    /// <inheritdoc/>
    public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(swap);
        return _connection.Run(swap.Dataset.Name, Swap, cancellationToken);

        SwapResult Swap(StoreSession session) => session.WriteRows(swap.Dataset, () =>
        {
            RequireTriggers(session, swap.Dataset);
            var result = new UnseenRows(session.Database, swap.Dataset).Swap(swap);
            if (!result.Refused)
            {
                session.RetryParked(swap.Dataset, isAfterApply: false);
            }

            if (!result.Refused && swap.Checkpoint is not null)
            {
                session.Checkpoints.Write(swap.Checkpoint);
            }

            return result;
        });
    }

    /// <inheritdoc/>
    public ValueTask<long> CountParkedAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return _connection.Look(dataset.Name, session => ParkedTable.Count(session.Database, dataset.LocalTable), nothing: 0L, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ParkedRow>> ListParkedAsync(Dataset dataset, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _connection.Look<IReadOnlyList<ParkedRow>>(dataset.Name, session => ParkedTable.List(session.Database, dataset, after, limit), nothing: [], cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId checkpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return _connection.Look(dataset: null, session => session.Checkpoints.Read(checkpoint), nothing: null, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        await _connection.Write(session => session.Checkpoints.Write(write), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ClearAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        await _connection.Write(session => session.Checkpoints.Clear(checkpoint, fence), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken) =>
        _connection.Run<ReadOnlyMemory<byte>>(dataset: null, session => BookkeepingSchema.GetOrCreateKey(session.Database), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _connection.AcquireLease(request, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointId checkpoint, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return _connection.Run(dataset: null, session => session.Database.WriteUnsynced(() => session.Leases.Renew(checkpoint, fence, expiresAt)), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseLeaseAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        await _connection.ReleaseLease(checkpoint, fence, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Releases the leases that were taken through this store and closes the connection, after the call under way. Further calls throw <see cref="ObjectDisposedException"/>.</summary>
    /// <remarks>Dispose the engine first: it ends its runs. A run that continues without its store fails with <see cref="SyncErrorKind.StoreFailed"/>.</remarks>
    public void Dispose() => _connection.Dispose();

    /// <summary>Does what <see cref="Dispose"/> does.</summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Prepares the local table where that would change anything, in the caller's transaction.</summary>
    private static LocalState PrepareNow(StoreSession session, Dataset dataset)
    {
        var database = session.Database;
        var mark = new PreparedMark(database, session.Options, dataset);
        var hasUnrecorded = !mark.Stands() && PrepareTable(session, dataset, mark);
        return new LocalState(BookkeepingSchema.ReadStoreId(database), LocalTable.HasRows(database, dataset.LocalTable))
        {
            HasUnrecordedChanges = hasUnrecorded,
            Reread = RereadTable.Due(database, dataset.LocalTable),
            Generation = new GenerationTable(database, dataset).Read().Generation ?? 0,
        };
    }

    /// <summary>Applies a batch's pages, in the caller's transaction.</summary>
    private ApplyResult ApplyPages(StoreSession session, DatasetPlan plan, ApplyBatch batch, bool isCareful, CancellationToken cancellationToken)
    {
        var applier = new PageApplier(session.Database, plan, isCareful);
        var result = applier.Apply(batch, cancellationToken);
        return applier.HasParked ? RetryParked(session, batch, result) : result;
    }

    /// <summary>A run that goes on over a table that the app has rebuilt since would take its edits for the server's rows.</summary>
    private void RequireTriggers(StoreSession session, Dataset dataset)
    {
        if (session.Options.RecordChanges && _prepared.ContainsKey(dataset.LocalTable))
        {
            OutboxSchema.RequireTriggers(session.Database, dataset);
        }
    }

    /// <returns>Whether edits may have been missed.</returns>
    private static bool PrepareTable(StoreSession session, Dataset dataset, PreparedMark mark)
    {
        var database = session.Database;
        var isRenamed = new MovedOutbox(database, dataset).Follow();
        var recorded = OutboxSchema.ReadRecorded(database, dataset);
        var before = new SchemaPreparer(database, session.Options).Prepare(dataset);
        var columns = new ColumnWatch(database, dataset).Look(before, recorded);
        var (hasUnrecorded, isNews) = new OutboxSchema(database, dataset).Prepare(before, session.Options.RecordChanges, columns, isRenamed);
        if (isNews || columns.HasNewlyUnread)
        {
            RereadTable.Raise(database, dataset.LocalTable);
        }

        mark.Write();
        return hasUnrecorded;
    }

    /// <summary>A pull finds rows by their keys: those that the app wrote get the spelling that it looks for.</summary>
    private static void Respell(StoreSession session, Dataset dataset)
    {
        var spelling = new KeySpelling(session.Database, session.PlanFor(dataset), session.Options.UuidFormat);
        if (!OutboxChanges.Read(session.Database, dataset).Any || spelling.FindSuspects() is not { Count: > 0 } suspects)
        {
            return;
        }

        session.WriteRows(dataset, () =>
        {
            suspects.ForEach(spelling.Respell);
            return true;
        });
    }

    /// <summary>Tries the parked rows again after a batch, which may have made room for them.</summary>
    private ApplyResult RetryParked(StoreSession session, ApplyBatch batch, ApplyResult result)
    {
        var dataset = batch.AreTombstones ? _prepared.GetValueOrDefault(batch.Dataset.LocalTable) : batch.Dataset;
        if (dataset is null)
        {
            return result;
        }

        var stored = session.RetryParked(dataset, isAfterApply: true);
        return result with { Applied = result.Applied + stored, Parked = Math.Min(result.Parked, ParkedTable.Count(session.Database, dataset.LocalTable)) };
    }
}
