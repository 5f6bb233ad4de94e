using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>Writes one row at a time, straight from the page's bytes. The methods are small on purpose: a long loop stays in slow code for long.</summary>
internal sealed class RowWriter : IDisposable
{
    private readonly DatasetPlan _plan;
    private readonly PageBinder _binder;
    private readonly Statements _statements;
    private readonly SqliteStatement _upsert;
    private readonly SqliteStatement? _delete;
    private readonly SqliteStatement? _see;
    private readonly SqliteStatement? _findRestamped;
    private readonly SqliteStatement? _restamp;
    private readonly ParkedRows? _parked;
    private readonly bool _isCareful;

    /// <param name="database">The database.</param>
    /// <param name="plan">The dataset's plan.</param>
    /// <param name="binder">The binder.</param>
    /// <param name="mode">Which local rows are replaced.</param>
    /// <param name="seeSql">The statement that remembers a key; null where none is kept.</param>
    /// <param name="parked">Where rows are parked that the table refuses; null when nothing is parked.</param>
    /// <param name="isCareful">Whether a refused row leaves the transaction as it was, which costs a journal for each row.</param>
    public RowWriter(SqliteDatabase database, DatasetPlan plan, PageBinder binder, ReplaceMode mode, string? seeSql, ParkedRows? parked, bool isCareful)
    {
        _statements = new Statements(database);
        _plan = plan;
        _binder = binder;
        _parked = parked;
        _isCareful = isCareful;
        _upsert = _statements.Prepare(plan.UpsertSql(mode, isCareful));
        _delete = plan.RemoveOrdinal is null ? null : _statements.Prepare(mode == ReplaceMode.Always ? plan.DeleteKeySql() : plan.DeleteSql());
        _see = seeSql is null ? null : _statements.Prepare(seeSql);
        if (mode == ReplaceMode.Older && plan.HasVersionColumn)
        {
            _findRestamped = _statements.Prepare(plan.RestampedSql());
            _restamp = _statements.Prepare(plan.UpsertSql(ReplaceMode.OlderOrSame, isCareful));
        }

        ComparesDeletions = mode != ReplaceMode.Always && plan.HasVersionColumn;
    }

    private bool ComparesDeletions { get; }

    public RowOutcome Write(Page page, int row) => _parked is null ? Store(page, row) : StoreOrPark(_parked, page, row);

    private RowOutcome StoreOrPark(ParkedRows parked, Page page, int row)
    {
        try
        {
            var outcome = Store(page, row);
            parked.Forget(page, row);
            return outcome;
        }
        catch (SqliteFailure failure) when (_isCareful && RowRefusal.IsOfOneRow(failure))
        {
            parked.Park(page, row, failure);
            return RowOutcome.Parked;
        }
    }

    private RowOutcome Store(Page page, int row)
    {
        if (IsRemoval(page, row))
        {
            return Delete(page, row);
        }

        See(page, row);
        return Upsert(page, row);
    }

    /// <summary>Whether the server's row is one that removes the local one.</summary>
    public bool IsRemoval(Page page, int row) => _delete is not null && !page.GetCell(row, _plan.RemoveOrdinal!.Value).IsNull;

    /// <summary>Remembers that the resync brought this key.</summary>
    /// <returns>False when it had brought it before.</returns>
    public bool See(Page page, int row)
    {
        if (_see is null)
        {
            return true;
        }

        _binder.BindKey(_see, page, row);
        return _see.Run() > 0;
    }

    public void Dispose() => _statements.Dispose();

    private RowOutcome Upsert(Page page, int row)
    {
        _binder.BindRow(_upsert, page, row);
        return _upsert.Run() > 0 ? RowOutcome.Applied : _findRestamped is null ? RowOutcome.Unchanged : Restamp(_findRestamped, page, row);
    }

    /// <summary>Takes a row whose version stood still on the server while its cursor moved: only a later cursor tells that it was written.</summary>
    private RowOutcome Restamp(SqliteStatement find, Page page, int row)
    {
        _binder.BindKey(find, page, row);
        _binder.Bind(find, _plan.KeyOrdinals.Length + 1, page, row, _plan.VersionOrdinal);
        _binder.Bind(find, _plan.KeyOrdinals.Length + 2, page, row, _plan.Dataset.CursorOrdinal);
        if (!find.Step())
        {
            find.Reset();
            return RowOutcome.Unchanged;
        }

        var isOfTheStore = find.Int64(0) != 0;
        find.Reset();
        _binder.BindRow(_restamp!, page, row);
        _restamp!.Run();
        return isOfTheStore ? RowOutcome.Restamped : RowOutcome.Applied;
    }

    private RowOutcome Delete(Page page, int row)
    {
        _binder.BindKey(_delete!, page, row);
        if (ComparesDeletions)
        {
            _binder.Bind(_delete!, _plan.KeyOrdinals.Length + 1, page, row, _plan.VersionOrdinal);
        }

        return _delete!.Run() > 0 ? RowOutcome.Deleted : RowOutcome.Unchanged;
    }
}

internal enum RowOutcome
{
    Unchanged,
    Applied,

    /// <summary>Applied, though its version is the one that was there: its cursor is later.</summary>
    Restamped,
    Deleted,

    /// <summary>The table refused it; it is kept aside.</summary>
    Parked,
}
