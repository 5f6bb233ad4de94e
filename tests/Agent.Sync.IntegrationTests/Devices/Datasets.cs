namespace Agent.Sync.IntegrationTests.Devices;

/// <summary>The datasets that tests sync.</summary>
internal static class Datasets
{
    public static Dataset Artifacts { get; } = ArtifactsWith(DeleteHandling.Remove).Build();

    public static Dataset Projects { get; } = Dataset.Define("projects")
        .Key("id", ColumnType.Uuid)
        .Column("owner_id", ColumnType.Uuid)
        .Column("name", ColumnType.Text)
        .Version("version")
        .UpdatedAt("updated_at")
        .DeletedAt("deleted_at")
        .Build();

    public static Dataset Undated { get; } = Dataset.Define("undated").Key("id", ColumnType.Integer).UpdatedAt("updated_at").Build();

    public static Dataset Gaps { get; } = Dataset.Define("gaps").Key("id", ColumnType.Integer).UpdatedAt("updated_at").Build();

    public static Dataset Locked { get; } = Dataset.Define("locked").Key("id", ColumnType.Uuid).UpdatedAt("updated_at").Build();

    public static Dataset SharedNotes { get; } = Dataset.Define("shared_notes")
        .Key("id", ColumnType.Uuid)
        .Column("note", ColumnType.Text)
        .UpdatedAt("updated_at")
        .Build();

    public static Dataset Parts { get; } = Dataset.Define("parts")
        .Key("tenant", ColumnType.Text)
        .Key("seq", ColumnType.Integer)
        .Key("code", ColumnType.Uuid)
        .Column("note", ColumnType.Text)
        .UpdatedAt("updated_at")
        .Build();

    public static DatasetBuilder ArtifactsWith(DeleteHandling handling) => Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid)
        .Column("project_id", ColumnType.Uuid)
        .Column("type", ColumnType.Text)
        .Column("name", ColumnType.Text)
        .Column("content", ColumnType.Text)
        .Column("metadata", ColumnType.Json)
        .Column("size", ColumnType.Integer)
        .Column("price", ColumnType.Numeric)
        .Column("score", ColumnType.Double)
        .Column("is_public", ColumnType.Boolean)
        .Version("version")
        .Column("owner_id", ColumnType.Uuid)
        .UpdatedAt("updated_at")
        .DeletedAt("deleted_at", handling);

    public static Dataset Words(string table) => Dataset.Define(table)
        .Key("code", ColumnType.Text)
        .Column("note", ColumnType.Text)
        .UpdatedAt("updated_at")
        .Build();

    /// <summary>Artifacts with few columns, for tests that change the columns.</summary>
    public static DatasetBuilder Narrow() => Dataset.Define("artifacts").Key("id", ColumnType.Uuid).Column("name", ColumnType.Text).UpdatedAt("updated_at");
}
