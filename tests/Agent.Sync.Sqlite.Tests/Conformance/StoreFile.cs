namespace Agent.Sync.Sqlite.Tests.Conformance;

/// <summary>One file and every store opened on it.</summary>
internal sealed class StoreFile : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly List<SqliteStore> _stores = [];

    public string Path => _directory.File("app.db");

    public SqliteStore Open()
    {
        var store = new SqliteStore(Path);
        _stores.Add(store);
        return store;
    }

    public void Dispose()
    {
        _stores.ForEach(static store => store.Dispose());
        _directory.Dispose();
    }
}
