namespace Agent.Sync.Testing.Postgrest;

/// <summary>One writing transaction: its id, its <c>now()</c>, and the way back.</summary>
internal sealed class WriteScope(long id, long stamp)
{
    private readonly List<Action> _undo = [];

    public long Id { get; } = id;

    public long Stamp { get; } = stamp;

    /// <summary>Gets a savepoint to roll back to.</summary>
    public int Savepoint => _undo.Count;

    public void OnRollback(Action undo) => _undo.Add(undo);

    public void Rollback(int savepoint = 0)
    {
        for (var index = _undo.Count - 1; index >= savepoint; index--)
        {
            _undo[index]();
        }

        _undo.RemoveRange(savepoint, _undo.Count - savepoint);
    }
}
