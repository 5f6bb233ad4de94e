namespace Agent.Sync.Testing;

/// <summary>An open transaction: its rows carry the time it began at, and become visible when it commits.</summary>
/// <remarks>
/// That is how a late commit comes about: <c>now()</c> is the transaction's start. Changes are applied to the newest
/// committed rows at commit, as if the row locks had been waited for. Made by <see cref="PostgrestDouble.BeginTransaction"/>.
/// Not safe for concurrent use.
/// </remarks>
public sealed class PostgrestTransaction
{
    private readonly PostgrestDouble _server;
    private readonly List<Action> _changes = [];
    private bool _isOver;

    internal PostgrestTransaction(PostgrestDouble server)
    {
        _server = server;
        Stamp = server.NowMicroseconds;
    }

    internal long Stamp { get; }

    /// <summary>Inserts a row when the transaction commits.</summary>
    /// <param name="table">The table.</param>
    /// <param name="json">See <see cref="PostgrestTable.Insert"/>.</param>
    public void Insert(PostgrestTable table, string json)
    {
        ArgumentNullException.ThrowIfNull(table);
        Add(() => table.InsertAt(json, Stamp));
    }

    /// <summary>Updates a row when the transaction commits.</summary>
    /// <param name="table">The table.</param>
    /// <param name="json">See <see cref="PostgrestTable.Update"/>.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    public void Update(PostgrestTable table, string json, params string[] keyValues)
    {
        ArgumentNullException.ThrowIfNull(table);
        Add(() => table.UpdateAt(json, keyValues, Stamp));
    }

    /// <summary>Sets a row's deletion time when the transaction commits.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    public void SoftDelete(PostgrestTable table, params string[] keyValues)
    {
        ArgumentNullException.ThrowIfNull(table);
        Add(() => table.SoftDeleteAt(keyValues, Stamp));
    }

    /// <summary>Removes a row when the transaction commits.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keyValues">The key's texts, in key order.</param>
    public void Delete(PostgrestTable table, params string[] keyValues)
    {
        ArgumentNullException.ThrowIfNull(table);
        Add(() => table.DeleteNow(keyValues));
    }

    /// <summary>Makes every change visible at once.</summary>
    /// <exception cref="InvalidOperationException">The transaction is over.</exception>
    public void Commit()
    {
        RequireOpen();
        lock (_server.Gate)
        {
            _changes.ForEach(static change => change());
        }

        _isOver = true;
    }

    /// <summary>Drops every change.</summary>
    public void Rollback() => _isOver = true;

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
