using System.Diagnostics.CodeAnalysis;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Values;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>Writes one row at a time, straight from the page's bytes. The methods are small on purpose: a long loop stays in slow code for long.</summary>
internal sealed class RowWriter : IDisposable
{
    private readonly DatasetPlan _plan;
    private readonly SqliteStatement _upsert;
    private readonly SqliteStatement? _delete;
    private readonly SqliteStatement? _see;
    private readonly ScratchBuffer _scratch = new();

    /// <param name="database">The database.</param>
    /// <param name="plan">The dataset's plan.</param>
    /// <param name="replaceEqual">Whether an equal version is written again: the resync.</param>
    /// <param name="seeSql">The statement that remembers a key; null where none is kept.</param>
    public RowWriter(SqliteDatabase database, DatasetPlan plan, bool replaceEqual, string? seeSql)
    {
        _plan = plan;
        _upsert = database.Prepare(plan.UpsertSql(replaceEqual));
        _delete = plan.RemoveOrdinal is null ? null : database.Prepare(plan.DeleteSql());
        _see = seeSql is null ? null : database.Prepare(seeSql);
    }

    public RowOutcome Write(Page page, int row)
    {
        if (_delete is not null && !page.GetCell(row, _plan.RemoveOrdinal!.Value).IsNull)
        {
            return Delete(page, row);
        }

        if (_see is not null)
        {
            BindKey(_see, page, row);
            _see.Run();
        }

        return Upsert(page, row);
    }

    public void Dispose()
    {
        _upsert.Dispose();
        _delete?.Dispose();
        _see?.Dispose();
        _scratch.Dispose();
    }

    private RowOutcome Upsert(Page page, int row)
    {
        for (var column = 0; column < _plan.Binders.Length; column++)
        {
            Bind(_upsert, column + 1, page, row, column);
        }

        return _upsert.Run() > 0 ? RowOutcome.Applied : RowOutcome.Unchanged;
    }

    private RowOutcome Delete(Page page, int row)
    {
        BindKey(_delete!, page, row);
        if (_plan.HasVersionColumn)
        {
            Bind(_delete!, _plan.KeyOrdinals.Length + 1, page, row, _plan.VersionOrdinal);
        }

        return _delete!.Run() > 0 ? RowOutcome.Deleted : RowOutcome.Unchanged;
    }

    private void BindKey(SqliteStatement statement, Page page, int row)
    {
        for (var i = 0; i < _plan.KeyOrdinals.Length; i++)
        {
            Bind(statement, i + 1, page, row, _plan.KeyOrdinals[i]);
        }
    }

    private void Bind(SqliteStatement statement, int index, Page page, int row, int column)
    {
        var cell = page.GetCell(row, column);
        if (cell.IsNull)
        {
            BindNull(statement, index, row, column);
        }
        else if (!_plan.Binders[column].TryBind(statement, index, cell, _scratch))
        {
            ThrowDoesNotFit(row, column);
        }
    }

    private void BindNull(SqliteStatement statement, int index, int row, int column)
    {
        if (_plan.IsRequired[column])
        {
            throw new SyncSchemaException(
                SyncErrorKind.RemoteSchema,
                $"Column '{_plan.Dataset.Columns[column].Name}' of dataset '{_plan.Dataset.Name}' is null in row {row} of a page, but it is the key or the version: make it NOT NULL in PostgreSQL.",
                _plan.Dataset.Name);
        }

        statement.BindNull(index);
    }

    [DoesNotReturn]
    private void ThrowDoesNotFit(int row, int column)
    {
        var (name, type) = _plan.Dataset.Columns[column];
        throw new SyncSchemaException(
            SyncErrorKind.RemoteSchema,
            $"Column '{name}' of dataset '{_plan.Dataset.Name}' is declared {type}, but row {row} of a page holds a value that is none: declare the column's type as it is in PostgreSQL.",
            _plan.Dataset.Name);
    }
}
