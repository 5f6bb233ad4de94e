namespace Agent.Sync.Tests;

public sealed class DatasetBuilderTests
{
    [Fact]
    public void Build_OfAnEarlierDataset_DoesNotChangeWithTheBuilder()
    {
        var builder = Dataset.Define("items").Key("id", ColumnType.Uuid).UpdatedAt("updated_at");
        var first = builder.Build();

        var second = builder.Column("name", ColumnType.Text).Where("kind", FilterOperator.Equal, "a").Build();

        Assert.Equal(2, first.Columns.Count);
        Assert.Empty(first.Filters);
        Assert.Equal(3, second.Columns.Count);
        Assert.Single(second.Filters);
    }

    [Fact]
    public void Build_WithoutKeyOrCursor_SaysWhatToCall()
    {
        var noKey = Assert.Throws<InvalidOperationException>(() => Dataset.Define("items").UpdatedAt("updated_at").Build());
        var noCursor = Assert.Throws<InvalidOperationException>(() => Dataset.Define("items").Key("id", ColumnType.Uuid).Build());

        Assert.Contains("Key(", noKey.Message, StringComparison.Ordinal);
        Assert.Contains("UpdatedAt(", noCursor.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(900, false)]
    [InlineData(901, true)]
    [InlineData(1600, true)]
    public void Build_MoreColumnsThanAStoreCanKeep_IsRefusedAndNamesTheLimit(int columns, bool isRefused)
    {
        var builder = Dataset.Define("items").Key("id", ColumnType.Uuid).UpdatedAt("updated_at");
        for (var column = 2; column < columns; column++)
        {
            builder.Column($"c{column}", ColumnType.Text);
        }

        var refusal = Record.Exception(() => builder.Build());

        Assert.Equal(isRefused, refusal is InvalidOperationException);
        Assert.Equal(isRefused, refusal?.Message.Contains("900", StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData(ColumnType.Json)]
    [InlineData(ColumnType.Double)]
    [InlineData(ColumnType.Numeric)]
    [InlineData(ColumnType.Timestamptz)]
    [InlineData(ColumnType.Boolean)]
    [InlineData(ColumnType.Bytes)]
    public void Key_OfATypeWithoutExactText_IsRefused(ColumnType type) =>
        Assert.Throws<ArgumentException>(() => Dataset.Define("items").Key("id", type));

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("a\"b")]
    [InlineData("a;drop")]
    [InlineData("naïve")]
    [InlineData("a.b")]
    public void Names_OutsideTheAllowList_AreRefusedEverywhere(string name)
    {
        var builder = Dataset.Define("items");

        Assert.Throws<ArgumentException>(() => Dataset.Define(name));
        Assert.Throws<ArgumentException>(() => builder.Named(name));
        Assert.Throws<ArgumentException>(() => builder.InSchema(name));
        Assert.Throws<ArgumentException>(() => builder.ToTable(name));
        Assert.Throws<ArgumentException>(() => builder.Column(name, ColumnType.Text));
        Assert.Throws<ArgumentException>(() => builder.Column("a", ColumnType.Text, name));
        Assert.Throws<ArgumentException>(() => builder.Where(name, FilterOperator.Equal, "x"));
    }

    [Fact]
    public void Names_OfSixtyThreeCharacters_AreTheLongest()
    {
        Assert.Equal(63, Dataset.Define(new string('a', 63)).Named("b").Key("id", ColumnType.Uuid).UpdatedAt("c").Build().RemoteTable.Length);
        Assert.Throws<ArgumentException>(() => Dataset.Define(new string('a', 64)));
    }

    [Fact]
    public void Column_DeclaredTwiceInAnyCase_IsRefused()
    {
        var builder = Dataset.Define("items").Key("id", ColumnType.Uuid);

        Assert.Throws<ArgumentException>(() => builder.Column("ID", ColumnType.Text));
    }

    [Fact]
    public void LocalName_OfEachKindOfColumn_IsTheOneThatIsGivenOrTheColumnsOwn()
    {
        var dataset = Dataset.Define("items").Key("id", ColumnType.Uuid, "Id").Column("name", ColumnType.Text).Column("due_at", ColumnType.Timestamptz, local: "DueAt")
            .UpdatedAt("updated_at", "UpdatedAt").Version("version", "Version_").DeletedAt("deleted_at", local: "DeletedAt").Build();

        Assert.Equal(["Id", "name", "DueAt", "UpdatedAt", "Version_", "DeletedAt"], dataset.Columns.Select(static column => column.LocalName));
        Assert.Equal(["id", "name", "due_at", "updated_at", "version", "deleted_at"], dataset.Columns.Select(static column => column.Name));
    }

    [Fact]
    public void LocalName_GivenTwiceInAnyCase_IsRefusedAndNamesBothColumns()
    {
        var builder = Dataset.Define("items").Key("id", ColumnType.Uuid).Column("due_at", ColumnType.Timestamptz, "DueAt");

        var refusal = Assert.Throws<ArgumentException>(() => builder.Column("due", ColumnType.Text, "dueat"));
        Assert.Throws<ArgumentException>(() => builder.Column("ID_", ColumnType.Text, "ID"));

        Assert.Contains("'due_at' and 'due'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("due", builder.Column("due", ColumnType.Text, "due_at").UpdatedAt("updated_at").Build().Columns[2].Name);
    }

    [Fact]
    public void LocalName_OfTheKitsColumn_IsKeptForIt()
    {
        var builder = Dataset.Define("items").Key("id", ColumnType.Uuid);

        Assert.Throws<ArgumentException>(() => builder.Column("number", ColumnType.Integer, "Sync_Seq"));
        Assert.Equal("Seq", builder.Column("sync_seq", ColumnType.Integer, "Seq").UpdatedAt("updated_at").Build().Sequenced().Columns[1].LocalName);
    }

    [Fact]
    public void ToString_OfAFilter_HoldsNoValue() =>
        Assert.DoesNotContain("canary", new DatasetFilter("kind", FilterOperator.Equal, "canary").ToString(), StringComparison.Ordinal);
}
