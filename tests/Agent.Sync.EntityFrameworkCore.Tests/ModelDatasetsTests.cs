using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.EntityFrameworkCore.Tests;

public sealed class ModelDatasetsTests
{
    [Fact]
    public void Read_OfConventions_TakesTablesColumnsKeysAndRoles()
    {
        var model = ModelContext.Of(static builder =>
        {
            builder.Entity<Memo>().ToTable("Memos").IsSynced();
            builder.Entity<Folder>().ToTable("Folders").IsSynced("my_folders");
        });

        var datasets = ModelDatasets.Read(model);

        Assert.Equal([("my_folders", "Folders"), ("memos", "Memos")], datasets.Select(static dataset => (dataset.RemoteTable, dataset.LocalTable)));
        var memos = datasets[1];
        Assert.Equal(
            ["id=Id", "folder_id=FolderId", "title=Title", "due_at=DueAt", "version=Version", "updated_at=UpdatedAt", "deleted_at=DeletedAt"],
            memos.Columns.Select(static column => $"{column.Name}={column.LocalName}"));
        Assert.Equal(
            [ColumnType.Uuid, ColumnType.Uuid, ColumnType.Text, ColumnType.Timestamptz, ColumnType.Integer, ColumnType.Timestamptz, ColumnType.Timestamptz], memos.Columns.Select(static column => column.Type));
        Assert.Equal((4, 5, 6), (memos.VersionOrdinal, memos.CursorOrdinal, memos.DeletedOrdinal));
        Assert.Equal([0], memos.KeyOrdinals);
        Assert.Equal(("memos", "public", DeleteHandling.Remove), (memos.Name, memos.Schema, memos.DeleteHandling));
    }

    [Fact]
    public void Read_OfAnEntityOfTheGenerator_IsItsDatasetWithTheModelsLocalNames()
    {
        var model = ModelContext.Of(static builder => builder.Entity<Marked>().ToTable("Marked").Property(static row => row.Name).HasColumnName("FullName"));

        var dataset = Assert.Single(ModelDatasets.Read(model));

        var expected = Marked.SyncDataset;
        Assert.Equal(expected.Columns.Select(static column => (column.Name, column.Type)), dataset.Columns.Select(static column => (column.Name, column.Type)));
        Assert.Equal(("app", "marked", "marked_rows", "Marked"), (dataset.Schema, dataset.Name, dataset.RemoteTable, dataset.LocalTable));
        Assert.Equal((expected.VersionOrdinal, expected.CursorOrdinal, expected.DeletedOrdinal, expected.DeleteHandling), (dataset.VersionOrdinal, dataset.CursorOrdinal, dataset.DeletedOrdinal, dataset.DeleteHandling));
        Assert.Equal(expected.PushedOrdinals, dataset.PushedOrdinals);
        Assert.Equal("FullName", dataset.Columns.Single(static column => column.Name == "given_name").LocalName);
        using var page = Page.Parse(dataset, Encoding.UTF8.GetBytes("""[{"id":"0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01","revision":1,"given_name":"Ada","slug":null,"document":null,"changed":"2026-01-01T00:00:00+00:00","gone":null}]"""));
        Assert.Equal("Ada", Assert.Single(page.Read<Marked>()).Name);
    }

    [Fact]
    public void Read_OfWhatTheModelSays_FollowsIt()
    {
        var model = ModelContext.Of(static builder =>
        {
            var pairs = builder.Entity<Pair>().ToTable("Pairs").IsSynced("pairs", schema: "app", dataset: "couples");
            pairs.HasKey(static row => new { row.Tenant, row.Number });
            pairs.OwnsOne(static row => row.Address);
            pairs.Property(static row => row.ChangedAt).IsSyncUpdatedAt().HasSyncColumn("modified_at");
            pairs.Property(static row => row.Total).HasComputedColumnSql("'t' || Number");
            pairs.Property(static row => row.Secret).IsNotSynced();
            pairs.Property(static row => row.Settings).HasSyncColumn(type: ColumnType.Json);
            pairs.Property(static row => row.Slug).HasSyncColumn(serverOwned: true);
            pairs.Property(static row => row.Counter).IsSyncVersion();
            pairs.Property<DateTimeOffset?>("Gone").IsSyncDeletedAt(DeleteHandling.Mark);
            pairs.Property<long?>("SyncSeq").HasColumnName("sync_seq");
        });

        var dataset = Assert.Single(ModelDatasets.Read(model, static (entity, dataset) => dataset.Where("tenant", FilterOperator.Equal, entity.DisplayName())));

        Assert.Equal(["tenant", "number", "modified_at", "settings", "slug", "counter", "address_city", "gone"], dataset.Columns.Select(static column => column.Name).Order(StringComparer.Ordinal).OrderBy(static name => Array.IndexOf(Order, name)));
        Assert.Equal([ColumnType.Text, ColumnType.Integer], dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Type));
        Assert.Equal(("app", "couples", DeleteHandling.Mark), (dataset.Schema, dataset.Name, dataset.DeleteHandling));
        Assert.Equal("ChangedAt", dataset.Columns[dataset.CursorOrdinal].LocalName);
        Assert.Equal("counter", dataset.Columns[dataset.VersionOrdinal!.Value].Name);
        Assert.Equal("Address_City", dataset.Columns.Single(static column => column.Name == "address_city").LocalName);
        Assert.Equal(ColumnType.Json, dataset.Columns.Single(static column => column.Name == "settings").Type);
        Assert.DoesNotContain("slug", dataset.PushedOrdinals.Select(ordinal => dataset.Columns[ordinal].Name));
        Assert.Equal("Pair", Assert.Single(dataset.Filters).Value);
    }

    private static readonly string[] Order = ["tenant", "number", "modified_at", "settings", "slug", "counter", "address_city", "gone"];

    [Fact]
    public void Read_OfTypesInOneTable_HasTheColumnsOfAll()
    {
        var model = ModelContext.Of(static builder =>
        {
            builder.Entity<Folder>().ToTable("Folders").IsSynced();
            builder.Entity<SharedFolder>();
        });

        var columns = Assert.Single(ModelDatasets.Read(model)).Columns.Select(static column => column.Name).ToList();

        Assert.Contains("shared_with", columns);
        Assert.Contains("discriminator", columns);
    }

    [Fact]
    public void Read_OfUuidsAsBytes_IsAUuid()
    {
        var model = ModelContext.Of(static builder =>
        {
            var odd = builder.Entity<Odd>().IsSynced();
            odd.Ignore(static row => row.Duration);
            odd.Property(static row => row.Id).HasConversion<byte[]>();
        });

        Assert.Equal(ColumnType.Uuid, Assert.Single(ModelDatasets.Read(model)).Columns[0].Type);
    }

    public static TheoryData<string, Action<ModelBuilder>, string> Wrong => new()
    {
        { "uuid as text", static model => Odd(model).Property(static row => row.Id).HasConversion<string>(), "Odd.Id is a Guid that a conversion keeps as String" },
        { "time as number", static model => Odd(model).Property(static row => row.At).HasConversion<long>(), "Odd.At is a DateTimeOffset that a conversion keeps as Int64" },
        { "decimal as double", static model => Odd(model).Property(static row => row.Amount).HasConversion<double>(), "Odd.Amount is a Decimal that a conversion keeps as Double" },
        { "no column type", static model => model.Entity<Odd>().IsSynced(), "Odd.Duration is kept as TimeSpan, which no column type fits" },
        { "DateTime as timestamptz", static model => Odd(model).Property(static row => row.Local).HasSyncColumn(type: ColumnType.Timestamptz), "Odd.Local is a DateTime, which EF Core writes and looks for without the offset" },
        { "DateTime as update time", static model => { Odd(model).Property(static row => row.Local).IsSyncUpdatedAt(); model.Entity<Odd>().Ignore(static row => row.UpdatedAt); }, "Odd.Local is a timestamp of the server's, a timestamptz: make it a DateTimeOffset, without" },
        { "text as version", static model => Odd(model).Property(static row => row.Text).IsSyncVersion(), "Odd.Text is the version, which the server counts: make it a long" },
        { "declared as what it cannot be", static model => Odd(model).Property(static row => row.Amount).HasSyncColumn(type: ColumnType.Integer), "Odd.Amount is kept as Decimal, which cannot hold the Integer" },
        { "no update time", static model => Odd(model).Ignore(static row => row.UpdatedAt), "Odd has no update timestamp" },
        { "no key", static model => Odd(model).HasNoKey(), "Odd has no primary key" },
        { "no table", static model => Odd(model).ToView("odds"), "Odd is not mapped to a table" },
        { "two tables", static model => { model.Entity<Folder>().UseTptMappingStrategy().IsSynced(); model.Entity<SharedFolder>().ToTable("Shared"); }, "Folder and the types derived from it are in several tables" },
        { "a name that must be quoted", static model => Odd(model).Property(static row => row.Text).HasColumnName("a b"), "Odd.Text: A name must be" },
        { "one remote name twice", static model => Odd(model).Property(static row => row.Text).HasSyncColumn("AT"), "is declared twice" },
        { "a timestamp as key", static model => Odd(model).HasKey(static row => row.At), "Odd.At: Column 'at' of type Timestamptz cannot be a key" },
        { "nothing is synced", static model => model.Entity<Folder>(), "No entity type of the model is synced" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    internal void Read_OfAModelThatDoesNotFit_SaysWhatToChange(string what, Action<ModelBuilder> build, string message)
    {
        var model = ModelContext.Of(build);

        var refusal = Assert.Throws<SyncSchemaException>(() => ModelDatasets.Read(model));

        Assert.Equal(SyncErrorKind.LocalSchema, refusal.Kind);
        Assert.True(refusal.Message.Contains(message, StringComparison.Ordinal), $"{what}: {refusal.Message}");
    }

    [Fact]
    public void Read_OfSeveralFaults_NamesThemAll()
    {
        var model = ModelContext.Of(static builder =>
        {
            Odd(builder).Property(static row => row.Id).HasConversion<string>();
            builder.Entity<Odd>().Property(static row => row.At).HasConversion<long>();
        });

        var refusal = Assert.Throws<SyncSchemaException>(() => ModelDatasets.Read(model));

        Assert.Equal(2, refusal.Message.Split(Environment.NewLine).Length);
    }

    private static Microsoft.EntityFrameworkCore.Metadata.Builders.EntityTypeBuilder<Odd> Odd(ModelBuilder model) =>
        model.Entity<Odd>().IsSynced().Ignore(static row => row.Duration);
}
