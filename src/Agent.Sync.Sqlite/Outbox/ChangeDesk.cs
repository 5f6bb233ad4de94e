using System.Text;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;
using Agent.Sync.Sqlite.Values;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>What may be asked of changes besides sending them. Runs in the caller's transaction.</summary>
internal sealed class ChangeDesk(SqliteDatabase database, DatasetPlan plan)
{
    private readonly OutboxNames _names = new(plan.Dataset);

    public ChangeCounts Count()
    {
        using var statement = database.Prepare($"SELECT count(*), count(code) FROM {_names.Table}");
        statement.Step();
        return new ChangeCounts(statement.Int64(0) - statement.Int64(1), statement.Int64(1));
    }

    public IReadOnlyList<LocalChange> List(ChangeState? state, long after, int limit)
    {
        var condition = state switch
        {
            null => "1",
            ChangeState.InFlight => $"o.state = {OutboxNames.InFlight}",
            ChangeState.Quarantined => "o.code IS NOT NULL",
            _ => $"o.state = {OutboxNames.Open} AND o.code IS NULL",
        };
        using var statement = database.Prepare($"{Select} WHERE o.id > ?1 AND {condition} ORDER BY o.id LIMIT ?2");
        statement.Bind(1, after);
        statement.Bind(2, limit);
        return Read(statement);
    }

    /// <summary>Lists the changes of one key, in queue order.</summary>
    /// <param name="condition">The condition that a change in <c>o</c> has the key.</param>
    /// <param name="bindKey">Binds what the condition asks for.</param>
    public IReadOnlyList<LocalChange> List(string condition, Action<SqliteStatement> bindKey)
    {
        using var statement = database.Prepare($"{Select} WHERE {condition} ORDER BY o.id");
        bindKey(statement);
        return Read(statement);
    }

    public ChangeRows ReadImages(long change)
    {
        using var statement = database.Prepare(new TakeSql(plan).Images);
        statement.Bind(1, change);
        if (!statement.Step())
        {
            throw new SyncStoreException(
                SyncErrorKind.StoreFailed, "There is no such change: it was settled or discarded. Read the changes again, or sync again.", plan.Dataset.Name, isTransient: true);
        }

        var columns = plan.Dataset.Columns.Count;
        using var json = new StoredJson(plan.Dataset);
        return new ChangeRows(change, Local: Image(1, 2 + columns), Server: Image(0, 2));

        ReadOnlyMemory<byte> Image(int flag, int first)
        {
            if (statement.Int64(flag) == 0)
            {
                return default;
            }

            json.Clear();
            json.StartObject();
            for (var ordinal = 0; ordinal < columns; ordinal++)
            {
                json.Write(ordinal, statement, first + ordinal);
            }

            json.EndObject();
            return json.Written.ToArray();
        }
    }

    public int Retry(IReadOnlyCollection<long>? changes)
    {
        var retry = $"UPDATE {_names.Table} SET {OutboxNames.WaitAgain} WHERE code IS NOT NULL";
        if (changes is null)
        {
            return database.Execute(retry);
        }

        using var statement = database.Prepare($"{retry} AND id = ?1");
        var count = 0;
        foreach (var change in changes)
        {
            statement.Bind(1, change);
            count += statement.Run();
        }

        return count;
    }

    public int Discard(IReadOnlyCollection<long>? changes)
    {
        var chosen = Discardable(changes);
        using var known = new BaseRows(database, plan);
        foreach (var change in chosen)
        {
            // Behind a change in flight this is the row as it was sent, since that may arrive.
            known.Place(change);
            known.Forget(change);
        }

        return chosen.Count;
    }

    private string Select =>
        $"""
        SELECT o.id, o.state, o.kind, o.has_base, t.{Names.Quote(_names.Keys[0])} IS NOT NULL, o.code, o.constraint_name, o.rejected_at{string.Concat(_names.Keys.Select(static key => $", o.{OutboxNames.Key(key)}"))}
        FROM {_names.Table} o LEFT JOIN {_names.Local} t ON {_names.IsAbout("o.", "t")}
        """;

    private List<LocalChange> Read(SqliteStatement statement)
    {
        const int FirstKey = 8;
        using var json = new StoredJson(plan.Dataset);
        var found = new List<LocalChange>();
        while (statement.Step())
        {
            var isInFlight = statement.Int64(1) == OutboxNames.InFlight;
            found.Add(new LocalChange
            {
                Id = statement.Int64(0),
                Dataset = plan.Dataset.Name,
                Kind = isInFlight ? (ChangeKind)statement.Int64(2) : NetKind(statement.Int64(3) != 0, statement.Int64(4) != 0),
                State = isInFlight ? ChangeState.InFlight : statement.IsNull(5) ? ChangeState.Waiting : ChangeState.Quarantined,
                Key = KeyOf(statement, json, FirstKey),
                Code = statement.IsNull(5) ? null : statement.Text(5),
                Constraint = statement.IsNull(6) ? null : statement.Text(6),
                RejectedAt = statement.IsNull(7) ? null : new DateTimeOffset(statement.Int64(7), TimeSpan.Zero),
            });
        }

        return found;
    }

    private static ChangeKind NetKind(bool hasBase, bool hasLocal) => (hasBase, hasLocal) switch
    {
        (false, true) => ChangeKind.Insert,
        (true, false) => ChangeKind.Delete,
        _ => ChangeKind.Update,
    };

    private string KeyOf(SqliteStatement statement, StoredJson json, int first)
    {
        json.Clear();
        json.StartObject();
        for (var i = 0; i < plan.KeyOrdinals.Length; i++)
        {
            json.Write(plan.KeyOrdinals[i], statement, first + i);
        }

        json.EndObject();
        return Encoding.UTF8.GetString(json.Written);
    }

    private HashSet<long> Discardable(IReadOnlyCollection<long>? changes)
    {
        using var statement = database.Prepare(
            $"SELECT id FROM {_names.Table} WHERE state = {OutboxNames.Open} AND {(changes is null ? "code IS NOT NULL" : "id = ?1")}");
        var found = new HashSet<long>();
        if (changes is null)
        {
            while (statement.Step())
            {
                found.Add(statement.Int64(0));
            }

            return found;
        }

        foreach (var change in changes)
        {
            statement.Bind(1, change);
            if (statement.Step())
            {
                found.Add(change);
            }

            statement.Reset();
        }

        return found;
    }
}
