namespace Agent.Sync.Tests.Shared;

/// <summary>The datasets of tests to which the columns mean nothing. A test that is about columns, types or keys defines its own, where it can be read.</summary>
internal static class SampleDatasets
{
    /// <summary>Gets what the samples sync: a uuid key, a name, a version, and rows that are marked when they are deleted.</summary>
    public static Dataset Artifacts { get; } = Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at").DeletedAt("deleted_at").Build();

    /// <summary>An integer key and the time of the last change.</summary>
    public static DatasetBuilder Of(string name) => Dataset.Define(name).Key("id", ColumnType.Integer).UpdatedAt("updated_at");

    /// <summary>As <see cref="Of(string)"/>, with a text.</summary>
    public static DatasetBuilder Of(string name, string column) =>
        Dataset.Define(name).Key("id", ColumnType.Integer).Column(column, ColumnType.Text).UpdatedAt("updated_at");

    /// <summary>As <see cref="Of(string, string)"/>, with a version, as every table that is written should have.</summary>
    public static DatasetBuilder Versioned(string name, string column) =>
        Dataset.Define(name).Key("id", ColumnType.Integer).Column(column, ColumnType.Text).Version("version").UpdatedAt("updated_at");
}
