using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>Hands changes out to be sent, and freezes them. Runs in the caller's transaction.</summary>
internal sealed class ChangeTaker : IDisposable
{
    private readonly DatasetPlan _plan;
    private readonly TakeRequest _request;
    private readonly TakeSql _sql;
    private readonly ChangeWriter _writer;
    private readonly bool _lostVersions;
    private readonly SqliteDatabase _database;
    private readonly List<(long Id, TakeStep Step, ChangeKind Kind, int Position)> _steps = [];
    private readonly Dictionary<long, int> _misfits = [];
    private readonly KeySpelling _spelling;
    private readonly List<long> _foreign = [];
    private readonly HashSet<long> _respelled = [];
    private readonly SentContent _content;
    private readonly List<(long Id, byte[] Sent)> _edited = [];
    private readonly HashSet<long> _parted = [];
    private readonly HashSet<long> _lost = [];

    public ChangeTaker(SqliteDatabase database, DatasetPlan plan, TakeRequest request, SqliteUuidFormat uuidFormat)
    {
        _database = database;
        _plan = plan;
        _request = request;
        var known = ColumnRegistry.Read(database, plan.Dataset.LocalTable);
        _sql = new TakeSql(plan, HeldWhileSearched(database, plan.Dataset), known);
        _spelling = new KeySpelling(database, plan, uuidFormat);
        HashSet<int> unread = [.. Enumerable.Range(0, plan.Dataset.Columns.Count).Where(ordinal => known.GetValueOrDefault(plan.Dataset.Columns[ordinal].LocalName)?.IsUnread == true)];
        _content = new SentContent(database, plan, unread);
        _writer = new ChangeWriter(plan, _sql, _spelling, unread, request.WholeRows);
        _lostVersions = known.GetValueOrDefault(plan.Dataset.Columns[plan.VersionOrdinal].LocalName)?.State == ColumnState.Lost;
    }

    public ChangeBatch Take(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var builder = new ChangeBatchBuilder();
            Read(builder, cancellationToken);
            if (_foreign.Count + _edited.Count == 0)
            {
                return WriteDown(builder.Build());
            }

            // Nothing is written down yet: it is read again, with the rows in the store's own spelling.
            _foreign.ForEach(_spelling.Respell);
            _respelled.UnionWith(_foreign);
            _foreign.Clear();
            _lost.UnionWith(_edited.Where(change => !_content.TryKeepBehind(change.Id, change.Sent)).Select(static change => change.Id));
            _parted.UnionWith(_edited.Select(static change => change.Id));
            _edited.Clear();
            _steps.Clear();
            _misfits.Clear();
        }
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>
    /// Writes the condition that a change is kept back while edits that nothing recorded are looked for: its base may hold some of them, or its row what a
    /// migration left. Null where none are looked for.
    /// </summary>
    private static string? HeldWhileSearched(SqliteDatabase database, Dataset dataset)
    {
        if (OutboxRegistry.Read(database, dataset.LocalTable) is null or RecordingGap.None)
        {
            return null;
        }

        var names = new OutboxNames(dataset);
        var hasPassed = GenerationTable.SeenBy(database, dataset) is { } seen ? $" AND NOT EXISTS (SELECT 1 FROM {seen} s WHERE {names.IsAbout("o.", "s")})" : string.Empty;
        var isInDoubt = new DoubtfulColumns(database, dataset).IsInDoubt("o.", "t") is { } condition ? $" OR (o.state = {OutboxNames.Open} AND t.{Names.Quote(names.Keys[0])} IS NOT NULL AND {condition})" : string.Empty;
        return $"({OutboxNames.IsBaseUncompared("o.")}{hasPassed}){isInDoubt}";
    }

    private void Read(ChangeBatchBuilder builder, CancellationToken cancellationToken)
    {
        using var changes = _database.Prepare(_sql.Changes);
        changes.Bind(1, _request.After);
        while (builder.Count < _request.MaxChanges && changes.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryAdd(builder, changes))
            {
                return;
            }
        }
    }

    /// <returns>False when the batch is full.</returns>
    private bool TryAdd(ChangeBatchBuilder builder, SqliteStatement change)
    {
        var id = change.Int64(TakeSql.Id);
        var isInFlight = change.Int64(TakeSql.State) == OutboxNames.InFlight;
        if (isInFlight && !_parted.Contains(id) && IsEditedSince(change))
        {
            _edited.Add((id, change.IsNull(TakeSql.Sent) ? [] : change.Blob(TakeSql.Sent)));
            return true;
        }

        if (_lost.Contains(id) || NetKind(change, isInFlight) is not { } kind)
        {
            // A change in flight without content lost its row while the triggers were gone: what was sent is unknown.
            _steps.Add((id, isInFlight ? TakeStep.WaitAgain : TakeStep.Drop, default, default));
            return true;
        }

        if ((kind == ChangeKind.Delete) != (_request.Part == ChangePart.Deletes))
        {
            return true;
        }

        if (_lostVersions && !isInFlight && kind != ChangeKind.Insert && change.IsNull(_sql.BaseVersion))
        {
            // The version that the edit started from has to be read again; until then it would look like a conflict.
            return true;
        }

        var fits = _writer.TryWrite(change, kind);
        RecordForeign(id);
        if (!fits)
        {
            _misfits[id] = _writer.Last;
            _steps.Add((id, TakeStep.Quarantine, kind, default));
            return true;
        }

        if (builder.Count > 0 && builder.Bytes + (long)_writer.Length > _request.MaxBytes)
        {
            return false;
        }

        var columns = kind == ChangeKind.Delete ? [] : _writer.Columns;
        var operation = isInFlight ? new Guid(change.Bytes(TakeSql.Operation)) : Guid.NewGuid();
        if (!isInFlight)
        {
            _steps.Add((id, TakeStep.Freeze, kind, builder.Count));
        }

        builder.Add(id, operation, kind, columns, _writer.Key, _writer.Version, _writer.Row);

        return true;
    }

    /// <summary>Whether the row of a change in flight is not what was sent, and nothing recorded the edit.</summary>
    private bool IsEditedSince(SqliteStatement change)
    {
        var hasLocal = change.Int64(TakeSql.HasLocal) != 0;
        if ((ChangeKind)change.Int64(TakeSql.Kind) == ChangeKind.Delete)
        {
            return hasLocal && change.Int64(TakeSql.HasBehind) == 0;
        }

        if (change.IsNull(TakeSql.Sent))
        {
            // Taken by an earlier version, which did not keep it.
            return false;
        }

        if (!hasLocal)
        {
            return true;
        }

        var fits = _writer.TryWriteRow(change, (ChangeKind)change.Int64(TakeSql.Kind));
        RecordForeign(change.Int64(TakeSql.Id));
        return !fits || !_writer.Row.SequenceEqual(change.Bytes(TakeSql.Sent));
    }

    /// <summary>Remembers a change whose row has a key, or a uuid, in a form of the app's own.</summary>
    private void RecordForeign(long id)
    {
        if (_writer.HasForeign && (_foreign.Count == 0 || _foreign[^1] != id) && !_respelled.Contains(id))
        {
            _foreign.Add(id);
        }
    }

    /// <summary>Returns what the edit comes to; null when it was taken back.</summary>
    private ChangeKind? NetKind(SqliteStatement change, bool isInFlight)
    {
        var hasLocal = change.Int64(TakeSql.HasLocal) != 0;
        if (isInFlight)
        {
            var kind = (ChangeKind)change.Int64(TakeSql.Kind);
            return kind == ChangeKind.Delete || (hasLocal && (kind == ChangeKind.Insert || _request.WholeRows || _writer.Differs(change))) ? kind : null;
        }

        return (HasBase: change.Int64(TakeSql.HasBase) != 0, hasLocal) switch
        {
            (true, true) => _writer.Differs(change) ? ChangeKind.Update : null,
            (true, false) => change.Int64(TakeSql.IsBaseRemoval) != 0 ? null : ChangeKind.Delete,
            (false, true) => ChangeKind.Insert,
            (false, false) => null,
        };
    }

    private ChangeBatch WriteDown(ChangeBatch batch)
    {
        try
        {
            WriteDown(batch.Changes.Span);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private void WriteDown(ReadOnlySpan<PendingChange> taken)
    {
        if (_steps.Count == 0)
        {
            return;
        }

        var table = new OutboxNames(_plan.Dataset).Table;
        using var freeze = _database.Prepare($"UPDATE {table} SET state = {OutboxNames.InFlight}, kind = ?2, operation = ?3, sent = ?4 WHERE id = ?1");
        using var waitAgain = _database.Prepare($"UPDATE {table} SET {OutboxNames.PutBack} WHERE id = ?1");
        using var quarantine = _database.Prepare($"UPDATE {table} SET state = {OutboxNames.Open}, code = '{ChangeCodes.LocalValue}', kind = ?2, constraint_name = ?3 WHERE id = ?1");
        using var known = new BaseRows(_database, _plan);
        foreach (var (id, step, kind, position) in _steps)
        {
            switch (step)
            {
                case TakeStep.Freeze:
                    Freeze(freeze, taken[position]);
                    break;
                case TakeStep.Quarantine:
                    quarantine.Bind(3, _plan.Dataset.Columns[_misfits[id]].Name);
                    Run(quarantine, id, kind);
                    break;
                case TakeStep.WaitAgain:
                    known.ForgetBehind(id);
                    waitAgain.Run(id);
                    break;
                default:
                    known.Place(id);
                    known.Forget(id);
                    break;
            }
        }
    }

    private static void Freeze(SqliteStatement statement, in PendingChange change)
    {
        Span<byte> operation = stackalloc byte[16];
        change.OperationId.TryWriteBytes(operation);
        statement.BindBlob(3, operation);
        if (change.Kind == ChangeKind.Delete)
        {
            statement.BindNull(4);
        }
        else
        {
            statement.BindBlob(4, change.Row.Span);
        }

        Run(statement, change.Id, change.Kind);
    }

    private static void Run(SqliteStatement statement, long id, ChangeKind kind)
    {
        statement.Bind(1, id);
        statement.Bind(2, (long)kind);
        statement.Run();
    }
}

/// <summary>What becomes of a change when it is taken.</summary>
internal enum TakeStep
{
    /// <summary>It is in flight.</summary>
    Freeze,

    /// <summary>It was taken back and is forgotten; the row becomes what the server has.</summary>
    Drop,

    /// <summary>It cannot be sent as it is.</summary>
    Quarantine,

    /// <summary>It was in flight, and what was sent is lost.</summary>
    WaitAgain,
}
