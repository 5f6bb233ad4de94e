using Agent.Sync;

namespace ApiContract.Describing;

/// <summary>The tables of supabase/migrations.</summary>
internal static class SampleDatasets
{
    public static Dataset Projects { get; } = Dataset.Define("projects")
        .Key("id", ColumnType.Uuid)
        .Column("owner_id", ColumnType.Uuid)
        .Column("name", ColumnType.Text)
        .Version("version")
        .UpdatedAt("updated_at")
        .DeletedAt("deleted_at")
        .Build();

    public static Dataset Artifacts { get; } = Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid)
        .Column("project_id", ColumnType.Uuid)
        .Column("owner_id", ColumnType.Uuid)
        .Column("type", ColumnType.Text)
        .Column("name", ColumnType.Text)
        .Column("content", ColumnType.Text)
        .Column("metadata", ColumnType.Json)
        .Column("size", ColumnType.Integer)
        .Column("price", ColumnType.Numeric)
        .Column("score", ColumnType.Double)
        .Column("is_public", ColumnType.Boolean)
        .Version("version")
        .UpdatedAt("updated_at")
        .DeletedAt("deleted_at")
        .Build();
}
