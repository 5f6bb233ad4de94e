using System.Collections.Immutable;

namespace Agent.Sync.Testing.Local;

/// <summary>One local table in memory with its outbox. Work is done on a copy that replaces it in one step, so it is whole or not at all.</summary>
internal sealed class MemoryTable
{
    private ImmutableDictionary<string, ColumnType> _columns = ImmutableDictionary<string, ColumnType>.Empty;
    private ImmutableDictionary<string, long> _open = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);
    private ImmutableDictionary<string, long> _inFlight = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);
    private ImmutableHashSet<string> _sent = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private long _lastChange;
    private long _lastReread;
    private long? _readingBegun;

    public ImmutableSortedDictionary<string, MemoryRow> Rows { get; set; } = ImmutableSortedDictionary.Create<string, MemoryRow>(StringComparer.Ordinal);

    /// <summary>Gets the outbox, in queue order.</summary>
    public ImmutableSortedDictionary<long, MemoryChange> Changes { get; private set; } = ImmutableSortedDictionary<long, MemoryChange>.Empty;

    /// <summary>Gets or sets the keys that the resync under way brought.</summary>
    public ImmutableHashSet<string> Seen { get; set; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    public long? Generation { get; set; }

    /// <summary>Gets or sets a value indicating whether edits are recorded; not so after something took the means away.</summary>
    public bool IsRecording { get; set; } = true;

    public bool HasUnrecordedChanges { get; set; }

    /// <summary>Gets or sets the keys of rows that a search for unrecorded edits found on the server alone, and stored.</summary>
    public ImmutableHashSet<string> Arrived { get; set; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Gets the columns that were added to rows: what they hold is nobody's until they are read.</summary>
    public ImmutableHashSet<string> Unread { get; private set; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Gets which reading of everything is due; null for none.</summary>
    public long? Reread { get; private set; }

    public MemoryTable Clone() => (MemoryTable)MemberwiseClone();

    public void Prepare(Dataset dataset)
    {
        foreach (var column in dataset.Columns)
        {
            if (_columns.TryGetValue(column.Name, out var type) && type != column.Type)
            {
                throw new SyncSchemaException(
                    SyncErrorKind.LocalSchema,
                    $"Column '{column.Name}' of local table '{dataset.LocalTable}' is {type}, but dataset '{dataset.Name}' declares {column.Type}. Name another local table, or change the declaration back.",
                    dataset.Name);
            }
        }

        Watch(dataset);
        HasUnrecordedChanges |= !IsRecording;
        IsRecording = true;
    }

    /// <summary>Writes down that a resync begins: it covers what has to be read again by now.</summary>
    public void BeginReading() => _readingBegun = Reread;

    /// <summary>Writes down that the resync is complete.</summary>
    public void EndReading()
    {
        if (Reread == _readingBegun)
        {
            (Reread, Unread) = (null, Unread.Clear());
        }
    }

    /// <summary>Gives the local row the server's values of the columns that were not read yet.</summary>
    public void Fill(Dataset dataset, string key, MemoryRow server) =>
        Rows = Rows.SetItem(key, MemoryRow.Of(dataset, Rows[key].Values.Where(item => !Unread.Contains(item.Key)).Concat(server.Values.Where(item => Unread.Contains(item.Key))).ToDictionary()));

    /// <summary>As <see cref="Fill"/>, where the app did not edit them since a third row.</summary>
    public void MergeUnread(Dataset dataset, string key, MemoryRow? server, MemoryRow? since)
    {
        if (server is not null && Rows.TryGetValue(key, out var local))
        {
            var values = server.Values.Where(item => Unread.Contains(item.Key) && local[item.Key] == since?[item.Key]).ToList();
            Rows = Rows.SetItem(key, MemoryRow.Of(dataset, local.Values.ExceptBy(values.Select(static item => item.Key), static item => item.Key).Concat(values).ToDictionary()));
        }
    }

    /// <summary>Makes the local row what the server has.</summary>
    public void Place(Dataset dataset, string key, MemoryRow? server) =>
        Rows = server is null || RowRules.IsRemoval(dataset, server) ? Rows.Remove(key) : Rows.SetItem(key, server);

    /// <summary>Gives the local row a newer one's values where the app did not edit it since a third: sent again, it overwrites nothing there.</summary>
    public void MergeBeneath(Dataset dataset, string key, MemoryRow? row, MemoryRow? since)
    {
        if (row is not null && !RowRules.IsRemoval(dataset, row) && Rows.TryGetValue(key, out var local))
        {
            Rows = Rows.SetItem(key, row.With(local, since));
        }
    }

    /// <summary>Returns the change that knows the server's row: the one in flight, else the one that waits or lies in quarantine.</summary>
    public MemoryChange? ChangeOf(string key) => InFlight(key) ?? OpenChange(key);

    public MemoryChange? InFlight(string key) => _inFlight.TryGetValue(key, out var id) ? Changes[id] : null;

    /// <summary>Returns the change of a key that waits or lies in quarantine: the one that edits are merged into.</summary>
    public MemoryChange? OpenChange(string key) => _open.TryGetValue(key, out var id) ? Changes[id] : null;

    public MemoryChange Record(string key, string keyJson, MemoryRow? from)
    {
        var change = new MemoryChange { Id = ++_lastChange, Key = key, KeyJson = keyJson, Base = from };
        Put(change);
        return change;
    }

    public void Put(MemoryChange change)
    {
        if (Changes.TryGetValue(change.Id, out var before))
        {
            Remove(before);
        }

        Changes = Changes.Add(change.Id, change);
        if (change.Frozen is null)
        {
            _open = _open.Add(change.Key, change.Id);
        }
        else
        {
            _inFlight = _inFlight.Add(change.Key, change.Id);
        }
    }

    public void Remove(MemoryChange change)
    {
        Changes = Changes.Remove(change.Id);
        if (change.Frozen is null)
        {
            _open = _open.Remove(change.Key);
        }
        else
        {
            _inFlight = _inFlight.Remove(change.Key);
        }
    }

    /// <summary>Notices which columns came and which went since the last preparation.</summary>
    private void Watch(Dataset dataset)
    {
        var sent = dataset.PushedOrdinals.Select(ordinal => dataset.Columns[ordinal].Name).ToImmutableHashSet(StringComparer.Ordinal);
        var fresh = dataset.Columns.Select(static column => column.Name).Where(name => !_columns.ContainsKey(name) || (sent.Contains(name) && !_sent.Contains(name))).ToList();
        foreach (var gone in _sent.Except(sent))
        {
            Keep(gone);
        }

        if (!IsRecording || (fresh.Count > 0 && Rows.Count > 0))
        {
            Reread = ++_lastReread;
            Unread = Unread.Union(fresh);
        }

        _sent = sent;
        _columns = _columns.SetItems(dataset.Columns.Select(static column => KeyValuePair.Create(column.Name, column.Type)));
    }

    /// <summary>Keeps the edits of a column that is not sent any more, in quarantine.</summary>
    private void Keep(string column)
    {
        foreach (var change in Changes.Values.Where(change => ChangeOf(change.Key) == change && Rows.TryGetValue(change.Key, out var local) && local[column] != change.Base?[column]))
        {
            if (change.Frozen is not null && OpenChange(change.Key) is { } behind)
            {
                Remove(behind);
            }

            Put(change.WaitAgain(change.Base) with { News = change.News, Code = ChangeCodes.ColumnGone, Constraint = column });
        }
    }
}
