using System.Diagnostics.CodeAnalysis;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Values;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>Binds the values of a page's row, straight from the page's bytes.</summary>
internal sealed class PageBinder(DatasetPlan plan) : IDisposable
{
    private readonly ScratchBuffer _scratch = new();

    /// <summary>Binds every column, the first as parameter 1.</summary>
    public void BindRow(SqliteStatement statement, Page page, int row)
    {
        for (var column = 0; column < plan.Binders.Length; column++)
        {
            Bind(statement, column + 1, page, row, column);
        }
    }

    /// <summary>Binds the key's columns in key order, the first as parameter 1.</summary>
    public void BindKey(SqliteStatement statement, Page page, int row)
    {
        for (var i = 0; i < plan.KeyOrdinals.Length; i++)
        {
            Bind(statement, i + 1, page, row, plan.KeyOrdinals[i]);
        }
    }

    public void Bind(SqliteStatement statement, int index, Page page, int row, int column)
    {
        var cell = page.GetCell(row, column);
        if (cell.IsNull)
        {
            BindNull(statement, index, row, column);
        }
        else if (!plan.Binders[column].TryBind(statement, index, cell, _scratch))
        {
            ThrowDoesNotFit(row, column);
        }
    }

    public void Dispose() => _scratch.Dispose();

    private void BindNull(SqliteStatement statement, int index, int row, int column)
    {
        if (plan.IsRequired[column])
        {
            throw new SyncSchemaException(
                SyncErrorKind.RemoteSchema,
                $"Column '{plan.Dataset.Columns[column].Name}' of dataset '{plan.Dataset.Name}' is null in row {row} of a page, but it is the key or the version: make it NOT NULL in PostgreSQL.",
                plan.Dataset.Name);
        }

        statement.BindNull(index);
    }

    [DoesNotReturn]
    private void ThrowDoesNotFit(int row, int column)
    {
        var (name, type) = plan.Dataset.Columns[column];
        throw new SyncSchemaException(
            SyncErrorKind.RemoteSchema,
            $"Column '{name}' of dataset '{plan.Dataset.Name}' is declared {type}, but row {row} of a page holds a value that is none: declare the column's type as it is in PostgreSQL.",
            plan.Dataset.Name);
    }
}
