namespace Agent.Sync.Testing.Local;

/// <summary>The app's own edits of a table, recorded in its outbox.</summary>
internal static class AppEdits
{
    public static void Insert(MemoryTable table, Dataset dataset, string json)
    {
        var row = MemoryRow.Of(dataset, Known(dataset, json));
        var key = RowRules.KeyOf(dataset, row);
        if (table.Rows.ContainsKey(key))
        {
            throw new ArgumentException($"Table '{dataset.LocalTable}' has a row of this key already.", nameof(json));
        }

        Touch(table, dataset, key, row);
        table.Rows = table.Rows.Add(key, row);
    }

    public static void Update(MemoryTable table, Dataset dataset, string json, string[] keyValues)
    {
        var (key, before) = Find(table, dataset, keyValues);
        var values = new Dictionary<string, string>(before.Values);
        foreach (var (name, value) in Known(dataset, json))
        {
            values[name] = value;
        }

        // A column that another shape of the dataset has keeps its value, as in any table.
        var row = new MemoryRow(MemoryRow.Write(dataset.Columns.Select(static column => column.Name).Union(before.Values.Keys), values));
        if (RowRules.KeyOf(dataset, row) != key)
        {
            Delete(table, dataset, keyValues);
            Insert(table, dataset, MemoryRow.Of(dataset, values).Json);
            return;
        }

        Touch(table, dataset, key, before);
        table.Rows = table.Rows.SetItem(key, row);
    }

    public static void Delete(MemoryTable table, Dataset dataset, string[] keyValues)
    {
        var (key, before) = Find(table, dataset, keyValues);
        Touch(table, dataset, key, before, isDelete: true);
        table.Rows = table.Rows.Remove(key);
    }

    /// <summary>Writes down that a key is edited: into the change that waits, which a quarantined one becomes, or into a new one.</summary>
    private static void Touch(MemoryTable table, Dataset dataset, string key, MemoryRow row, bool isDelete = false)
    {
        if (!table.IsRecording)
        {
            return;
        }

        if (table.OpenChange(key) is not { } open)
        {
            var from = table.InFlight(key) is { } ahead ? ahead.Frozen!.Local : table.Rows.GetValueOrDefault(key);
            table.Put(table.Record(key, RowRules.KeyJson(dataset, row), from) with { IsUncompared = table.HasUnrecordedChanges });
        }
        else if (open.State == ChangeState.Quarantined && (isDelete || open.Code is not (ChangeCodes.Unrecorded or ChangeCodes.ColumnGone)))
        {
            // What the user is asked about stays until it is decided: the rest of the row would go along, or a value would stay behind.
            table.Put(open.WaitAgain(open.Base) with { News = open.News });
        }
    }

    private static (string Key, MemoryRow Row) Find(MemoryTable table, Dataset dataset, string[] keyValues)
    {
        var key = RowRules.KeyOf(dataset, keyValues);
        return table.Rows.TryGetValue(key, out var row)
            ? (key, row)
            : throw new ArgumentException($"Table '{dataset.LocalTable}' has no row of this key.", nameof(keyValues));
    }

    private static Dictionary<string, string> Known(Dataset dataset, string json)
    {
        var values = MemoryRow.Read(json);
        return values.Keys.FirstOrDefault(name => !dataset.Columns.Any(column => column.Name == name)) is { } unknown
            ? throw new ArgumentException($"Dataset '{dataset.Name}' has no column '{unknown}'.", nameof(json))
            : values;
    }
}
