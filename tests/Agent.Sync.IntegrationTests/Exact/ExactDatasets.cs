namespace Agent.Sync.IntegrationTests.Exact;

internal static class ExactDatasets
{
    public static Dataset Notes { get; } = Define("notes").Column("kind", ColumnType.Text).Build();

    public static Dataset NotesOfKindA { get; } = Define("notes").Column("kind", ColumnType.Text).Where("kind", FilterOperator.Equal, "a").Build();

    public static Dataset Volumes { get; } = Define("volumes").Build();

    public static Dataset Chapters { get; } = Define("chapters").Column("volume_id", ColumnType.Integer).Build();

    public static Dataset Switched { get; } = Define("switched").Build();

    private static DatasetBuilder Define(string table) => Dataset.Define(table)
        .Key("id", ColumnType.Integer)
        .Column("label", ColumnType.Text)
        .Column("owner_id", ColumnType.Uuid)
        .UpdatedAt("updated_at");
}
