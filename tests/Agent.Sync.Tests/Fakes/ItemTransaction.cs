using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Fakes;

/// <summary>Somebody's open transaction: at its commit each row ends as it wrote it last, whatever others did meanwhile.</summary>
internal sealed class ItemTransaction(ItemServer server)
{
    private readonly PostgrestTransaction _transaction = server.Double.BeginTransaction();
    private readonly SortedDictionary<long, string?> _rows = [];

    public void Write(long id, string name) => _rows[id] = name;

    public void Delete(long id) => _rows[id] = null;

    public void Commit()
    {
        foreach (var (id, name) in _rows)
        {
            var (key, isThere) = (ItemServer.Text(id), server.Find(id) is not null);
            if (name is null)
            {
                _transaction.Delete(server.Table, key);
            }
            else if (isThere)
            {
                _transaction.Update(server.Table, $$"""{"name":"{{name}}"}""", key);
            }
            else
            {
                _transaction.Insert(server.Table, $$"""{"id":{{key}},"name":"{{name}}"}""");
            }
        }

        _transaction.Commit();
    }

    public void Rollback() => _transaction.Rollback();
}
