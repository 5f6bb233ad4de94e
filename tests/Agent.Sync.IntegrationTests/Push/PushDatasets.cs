namespace Agent.Sync.IntegrationTests.Push;

/// <summary>The datasets over the tables that only push tests have. They have no deletion column: a local delete removes the server's row.</summary>
internal static class PushDatasets
{
    public static Dataset Items { get; } = Dataset.Define("push_items")
        .Key("id", ColumnType.Uuid)
        .Column("name", ColumnType.Text)
        .Column("label", ColumnType.Text)
        .Column("note", ColumnType.Text)
        .Column("size", ColumnType.Integer)
        .Column("owner_id", ColumnType.Uuid)
        .Version("version")
        .UpdatedAt("updated_at")
        .Build();

    public static Dataset Lines { get; } = Dataset.Define("push_lines")
        .Key("id", ColumnType.Uuid)
        .Column("item_id", ColumnType.Uuid)
        .Column("note", ColumnType.Text)
        .Version("version")
        .UpdatedAt("updated_at")
        .Build();

    public static Dataset Nodes { get; } = Dataset.Define("push_nodes")
        .Key("id", ColumnType.Uuid)
        .Column("parent_id", ColumnType.Uuid)
        .Column("note", ColumnType.Text)
        .Version("version")
        .UpdatedAt("updated_at")
        .Build();

    public static Dataset ReadOnly { get; } = Dataset.Define("push_read_only")
        .Key("id", ColumnType.Uuid)
        .Column("note", ColumnType.Text)
        .Version("version")
        .UpdatedAt("updated_at")
        .Build();

    public static Dataset Values { get; } = Dataset.Define("push_values")
        .Key("id", ColumnType.Uuid)
        .Column("big", ColumnType.Integer)
        .Column("amount", ColumnType.Numeric)
        .Column("ratio", ColumnType.Double)
        .Column("label", ColumnType.Text)
        .Column("doc", ColumnType.Json)
        .Column("seen", ColumnType.Timestamptz)
        .Column("local_time", ColumnType.Timestamp)
        .Column("day", ColumnType.Date)
        .Column("hour", ColumnType.Time)
        .Column("flag", ColumnType.Boolean)
        .Version("version")
        .UpdatedAt("updated_at")
        .Build();
}
