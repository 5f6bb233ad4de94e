using Agent.Sync.Testing.Postgrest;

namespace Agent.Sync.Testing;

/// <summary>An open transaction: its rows carry the time it began at, and become visible when it commits.</summary>
/// <remarks>
/// That is how a late commit comes about: <c>now()</c> is the transaction's start, and its id, which the SQL kit stamps, is that of its start too. Changes are applied to the newest
/// committed rows at commit, as if the row locks had been waited for. Made by <see cref="PostgrestDouble.BeginTransaction"/>.
/// Not safe for concurrent use.
/// </remarks>
public sealed class PostgrestTransaction
{
    private readonly PostgrestDouble _server;
    private readonly WriteScope _scope;
    private readonly List<Action> _changes = [];
    private bool _isOver;

    internal PostgrestTransaction(PostgrestDouble server)
    {
        _server = server;
        _scope = server.Open();
    }

    /// <summary>Inserts a row when the transaction commits.</summary>
    /// <param name="table">The table.</param>
    /// <param name="json">See <see cref="PostgrestTable.Insert(string)"/>.</param>
    public void Insert(PostgrestTable table, string json)
    {
        ArgumentNullException.ThrowIfNull(table);
        Add(() => table.InsertIn(_scope, json));
    }

    /// <summary>Updates a row when the transaction commits.</summary>
    /// <param name="table">The table.</param>
    /// <param name="json">See <see cref="PostgrestTable.Update(string, string[])"/>.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    public void Update(PostgrestTable table, string json, params string[] keyValues)
    {
        ArgumentNullException.ThrowIfNull(table);
        AddTo(table, keyValues, () => table.UpdateIn(_scope, json, keyValues));
    }

    /// <summary>Sets a row's deletion time when the transaction commits.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    public void SoftDelete(PostgrestTable table, params string[] keyValues)
    {
        ArgumentNullException.ThrowIfNull(table);
        AddTo(table, keyValues, () => table.SoftDeleteIn(_scope, keyValues));
    }

    /// <summary>Removes a row when the transaction commits.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    public void Delete(PostgrestTable table, params string[] keyValues)
    {
        ArgumentNullException.ThrowIfNull(table);
        AddTo(table, keyValues, () => table.DeleteIn(_scope, keyValues));
    }

    /// <summary>Makes every change visible at once. A row that is gone by then is left alone, as PostgreSQL does.</summary>
    /// <exception cref="InvalidOperationException">The transaction is over.</exception>
    public void Commit()
    {
        RequireOpen();
        lock (_server.Gate)
        {
            _isOver = true;
            _server.Close(_scope);
            try
            {
                _changes.ForEach(static change => change());
            }
            catch
            {
                _scope.Rollback();
                throw;
            }
        }
    }

    /// <summary>Drops every change.</summary>
    public void Rollback()
    {
        lock (_server.Gate)
        {
            _server.Close(_scope);
        }

        _isOver = true;
    }

    private void AddTo(PostgrestTable table, string[] keyValues, Action change) => Add(() =>
    {
        if (table.Has(keyValues))
        {
            change();
        }
    });

    private void Add(Action change)
    {
        RequireOpen();
        _changes.Add(change);
    }

    private void RequireOpen()
    {
        if (_isOver)
        {
            throw new InvalidOperationException("The transaction is over.");
        }
    }
}
