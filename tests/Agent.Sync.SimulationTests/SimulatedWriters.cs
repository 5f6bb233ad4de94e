using System.Globalization;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>Other users of the table: transactions that stay open for up to the overlap lag, and commit or roll back.</summary>
internal sealed class SimulatedWriters(VirtualTimeProvider time, PostgrestDouble server, PostgrestTable table, Random random, Action<string> trace)
{
    public const string Owner = "0b5f3f5e-7f1d-4c3c-9d52-6f6a8f0c1d2e";

    /// <summary>The longest a transaction stays open; the engine's overlap lag is longer.</summary>
    public static readonly TimeSpan LongestTransaction = TimeSpan.FromSeconds(45);

    private const string Stranger = "99999999-7f1d-4c3c-9d52-6f6a8f0c1d2e";

    private readonly List<string> _keys = [];

    public void Seed(int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            table.Insert(NewRow(random.Next(10) == 0 ? Stranger : Owner));
        }
    }

    /// <summary>Plans writes over a span of time; they happen as the clock reaches them.</summary>
    public void Plan(int transactions, TimeSpan span)
    {
        for (var number = 0; number < transactions; number++)
        {
            time.After(span * random.NextDouble(), Write);
        }
    }

    private void Write()
    {
        var transaction = server.BeginTransaction();
        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var change = random.Next(1, 6); change > 0; change--)
        {
            Change(transaction, used);
        }

        time.After(LongestTransaction * random.NextDouble() * 0.95, () => End(transaction));
    }

    private void Change(PostgrestTransaction transaction, HashSet<string> used)
    {
        var key = _keys.Count == 0 ? null : _keys[random.Next(_keys.Count)];
        if (key is null || random.Next(3) == 0 || !used.Add(key))
        {
            transaction.Insert(table, NewRow(Owner));
            return;
        }

        // A row that another transaction of the plan holds or removed is left alone, as a lock would.
        if (table.FindRow(key) is null)
        {
            return;
        }

        if (random.Next(4) == 0)
        {
            transaction.SoftDelete(table, key);
        }
        else
        {
            transaction.Update(table, string.Create(CultureInfo.InvariantCulture, $$"""{"name":"changed {{random.Next(1000)}}"}"""), key);
        }
    }

    private void End(PostgrestTransaction transaction)
    {
        if (random.Next(8) == 0)
        {
            transaction.Rollback();
            trace("rollback");
        }
        else
        {
            transaction.Commit();
            trace("commit");
        }
    }

    private string NewRow(string owner)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        var key = new Guid(bytes).ToString();
        if (owner == Owner)
        {
            _keys.Add(key);
        }

        return $$"""{"id":"{{key}}","name":"row {{_keys.Count}}","owner_id":"{{owner}}"}""";
    }
}
