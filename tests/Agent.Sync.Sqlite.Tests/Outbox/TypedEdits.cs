namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>
/// The oracle: what a person typed, what the device was told, and what follows for the table. It knows nothing of triggers, bases or merging,
/// only what the contract says of an edit: it stays in its row, it is sent, and nothing else is.
/// </summary>
internal sealed class TypedEdits
{
    private readonly Dictionary<long, TypedEdit> _open = [];
    private readonly Dictionary<long, TypedEdit> _flying = [];

    // Rows that an edit may have started from: a value that is back where it was is no edit any more.
    private readonly Dictionary<long, List<ModelRow>> _starts = [];

    // The newest row that the device was told of; without an entry, or with a row of null, the server has none.
    private readonly Dictionary<long, (ModelRow? Row, long Version)> _told = [];
    private readonly HashSet<long> _doubted = [];

    /// <summary>Notes a statement of the app's by what it did to the table.</summary>
    public void Note(IReadOnlyDictionary<long, ModelRow> before, IReadOnlyDictionary<long, ModelRow> after)
    {
        foreach (var id in before.Keys.Union(after.Keys))
        {
            var (was, now) = (before.GetValueOrDefault(id), after.GetValueOrDefault(id));
            if (was == now)
            {
                continue;
            }

            if (!_starts.ContainsKey(id))
            {
                AddStart(id, was);
                AddStart(id, _told.GetValueOrDefault(id).Row);
            }

            var edit = Open(id);
            edit.Note(was, now);
            DropStarts(id, edit);
            AllowRevival(edit, _told.GetValueOrDefault(id).Row);
        }
    }

    /// <summary>Notes that a change was frozen: what is typed from now on waits behind it.</summary>
    public void Freeze(long id, ModelRow? content)
    {
        if (_flying.ContainsKey(id))
        {
            return;
        }

        _flying[id] = _open.Remove(id, out var edit) ? edit : new TypedEdit();
        AddStart(id, content);
    }

    public bool MaySend(long id, string column) => _flying.TryGetValue(id, out var edit) && edit.Columns.Contains(column);

    /// <summary>Notes that a change is on the server, or gave way to the server's row.</summary>
    public void End(long id) => _flying.Remove(id);

    /// <summary>Notes that a change waits again, or lies in quarantine; what was typed behind it is a part of it.</summary>
    public void GiveBack(long id)
    {
        if (_flying.Remove(id, out var edit))
        {
            var open = Open(id);
            open.StandOn(edit);
            DropStarts(id, open);
        }
    }

    /// <summary>Notes that the local row won: the whole of it is written over the server's.</summary>
    public void KeepWhole(long id)
    {
        GiveBack(id);
        Open(id).Columns.UnionWith(ModelRow.Columns);
    }

    /// <summary>Notes that a resolver wrote the row, or removed it; what was typed behind the change stays.</summary>
    public void Merge(long id, ModelRow? merged)
    {
        _flying.Remove(id);
        var hasBehind = _open.ContainsKey(id);
        var edit = Open(id);
        edit.Columns.UnionWith(ModelRow.Columns);
        if (!hasBehind)
        {
            edit.Note(merged is null ? _told.GetValueOrDefault(id).Row : null, merged);
            DropStarts(id, edit);
        }
    }

    /// <summary>Notes the server's row, as a pull or an answer tells it; null when it is gone.</summary>
    public void Tell(long id, ModelRow? row, long version)
    {
        var told = _told.GetValueOrDefault(id);
        if (told.Row is not null && row is not null && (version < told.Version || (version == told.Version && _doubted.Contains(id))))
        {
            return;
        }

        _told[id] = (row, version);
        _doubted.Remove(id);
        foreach (var edit in new[] { _open.GetValueOrDefault(id), _flying.GetValueOrDefault(id) }.OfType<TypedEdit>())
        {
            AllowRevival(edit, row);
        }

        AddStart(id, row);
        if (_open.TryGetValue(id, out var open))
        {
            DropStarts(id, open);
        }
    }

    /// <summary>Notes that the device cannot know the server's row: it was written, and the answer did not say how.</summary>
    public void Doubt(long id) => _doubted.Add(id);

    /// <summary>Forgets the edits of rows that have no change any more.</summary>
    public void Clean(IReadOnlySet<long> changed)
    {
        foreach (var id in _open.Keys.Union(_flying.Keys).Union(_starts.Keys).Where(id => !changed.Contains(id)).ToList())
        {
            _open.Remove(id);
            _flying.Remove(id);
            _starts.Remove(id);
        }
    }

    /// <summary>Returns what a row that is in step with the server must be; false where the device cannot know.</summary>
    public bool TryGetTold(long id, out ModelRow? row)
    {
        row = _told.GetValueOrDefault(id).Row is { DeletedAt: null } told ? told : null;
        return !_doubted.Contains(id);
    }

    /// <summary>Returns what the table must hold of a person's work: per row, whether it is there, and the values.</summary>
    public IReadOnlyDictionary<long, TypedEdit> Wanted()
    {
        var all = new Dictionary<long, TypedEdit>();
        foreach (var id in _open.Keys.Union(_flying.Keys))
        {
            var edit = new TypedEdit();
            if (_open.TryGetValue(id, out var open))
            {
                edit.StandOn(open);
            }

            if (edit.Exists is null && _flying.TryGetValue(id, out var flying))
            {
                edit.StandOn(flying);
            }

            all[id] = edit;
        }

        return all;
    }

    /// <summary>An edit of a row that the server deleted softly brings the row back, as the person saw it.</summary>
    private static void AllowRevival(TypedEdit edit, ModelRow? told)
    {
        if (told?.DeletedAt is not null)
        {
            edit.Columns.UnionWith(ModelRow.Columns);
        }
    }

    private void AddStart(long id, ModelRow? row)
    {
        if (!_starts.TryGetValue(id, out var starts))
        {
            _starts[id] = starts = [];
        }

        if (row is not null)
        {
            starts.Add(row);
        }
    }

    private void DropStarts(long id, TypedEdit edit) => _starts.GetValueOrDefault(id)?.ForEach(edit.Drop);

    private TypedEdit Open(long id) => _open.TryGetValue(id, out var edit) ? edit : _open[id] = new TypedEdit();
}
