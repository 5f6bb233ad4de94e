using System.Globalization;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>Writers that are no device: transactions that stay open for a while and commit out of order, or roll back.</summary>
internal sealed class TwoWayWriters(TwoWaySettings settings, TwoWayServer server, VirtualTimeProvider time, Random random, string[] users, Action<string> trace)
{
    private readonly List<string> _keys = [];
    private int _transactions;

    public void Seed()
    {
        for (var row = 0; row < settings.Rows; row++)
        {
            server.Table.Insert(NewRow());
        }

        server.Observe();
    }

    public void Write()
    {
        var transaction = server.Double.BeginTransaction();
        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            Change(transaction, used);
        }

        var number = ++_transactions;
        trace(string.Create(CultureInfo.InvariantCulture, $"transaction {number} writes {string.Join(" and ", used)}"));
        var open = SimulatedWriters.LongestTransaction * random.NextDouble() * 0.95;
        time.After(open, () =>
        {
            var isRolledBack = random.Next(8) == 0;
            if (isRolledBack)
            {
                transaction.Rollback();
            }
            else
            {
                transaction.Commit();
            }

            server.Observe();
            trace(string.Create(CultureInfo.InvariantCulture, $"transaction {number} {(isRolledBack ? "rolls back" : "commits")}"));
        });
    }

    private void Change(PostgrestTransaction transaction, HashSet<string> used)
    {
        // A row is chosen from those that are there; what is gone at the commit is left alone.
        var keys = server.Table.VisibleRows(users[random.Next(users.Length)], "id").Select(static row => row[7..43]).ToList();
        var key = keys.Count == 0 ? null : keys[random.Next(keys.Count)];
        if (key is null || random.Next(4) == 0 || !used.Add(key))
        {
            transaction.Insert(server.Table, NewRow());
            return;
        }

        switch (random.Next(8))
        {
            case 0 when settings.DeletesForGood && server.Table.HasKit:
                transaction.Delete(server.Table, key);
                break;
            case 0 when !settings.DeletesForGood:
                transaction.SoftDelete(server.Table, key);
                break;
            case 1 when server.Table.HasKit:
                transaction.Update(server.Table, $$"""{"owner_id":"{{users[random.Next(users.Length)]}}"}""", key);
                break;
            default:
                transaction.Update(server.Table, string.Create(CultureInfo.InvariantCulture, $$"""{"name":"written {{random.Next(1000)}}"}"""), key);
                break;
        }
    }

    private string NewRow()
    {
        var key = TwoWayDevice.NewKey(random);
        _keys.Add(key);
        return $$"""{"id":"{{key}}","name":"row {{_keys.Count}}","owner_id":"{{users[random.Next(users.Length)]}}"}""";
    }
}
