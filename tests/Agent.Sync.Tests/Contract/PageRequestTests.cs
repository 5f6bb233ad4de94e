using Agent.Sync.Postgrest;
using Agent.Sync.Stores;
using ApiContract.Checking;
using ApiContract.Describing;
using CsCheck;

namespace Agent.Sync.Tests.Contract;

/// <summary>Page requests, as the library builds them, against the description.</summary>
public sealed class PageRequestTests
{
    private static readonly Dataset Sequenced = Contracts.Artifacts.Sequenced();

    [Fact]
    public void Page_InKeyOrder_IsDescribed() => AssertUse(
        "artifacts.read/page-by-key",
        new PageQuery(Contracts.Artifacts, PageOrder.Key, null, 100) { Count = TotalCount.Estimated },
        new PageQuery(Contracts.Artifacts, PageOrder.Key, new CursorPosition(PageOrder.Key, null, [Contracts.Key]), 1),
        new PageQuery(Sequenced, PageOrder.Key, new CursorPosition(PageOrder.Key, null, [Contracts.Key]), 1000));

    [Fact]
    public void Page_InCursorOrder_IsDescribed() => AssertUse(
        "artifacts.read/page-by-cursor",
        new PageQuery(Contracts.Artifacts, PageOrder.Cursor, null, 100) { Count = TotalCount.Exact },
        new PageQuery(Contracts.Artifacts, PageOrder.Cursor, CursorPosition.AtOrAfter(Contracts.Stamp), 100),
        new PageQuery(Contracts.Artifacts, PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, Contracts.Stamp, [Contracts.Key]), 100));

    [Fact]
    public void Page_InTheKitsOrder_IsDescribed() => AssertUse(
        "artifacts.read/page-by-sequence",
        new PageQuery(Sequenced, PageOrder.Cursor, CursorPosition.AtOrAfter("9007199254740993"), 100),
        new PageQuery(Sequenced, PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, "9007199254740993", [Contracts.Key]), 100));

    [Fact]
    public void Page_OfTombstones_IsDescribed()
    {
        var tombstones = Sequenced.Tombstones("agent_sync", "artifacts");

        AssertUse(
            "artifacts.read/tombstones",
            new PageQuery(tombstones, PageOrder.Cursor, CursorPosition.AtOrAfter("12"), 100),
            new PageQuery(tombstones, PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, "12", [Contracts.Key]), 100));
    }

    [Fact]
    public void Page_WithTheAppsFilters_IsDescribed()
    {
        var filtered = Dataset.Define("artifacts").Key("id", ColumnType.Uuid).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at")
            .Where("name", FilterOperator.GreaterThan, "a & b").Where("name", FilterOperator.LessThanOrEqual, "z").Where("updated_at", FilterOperator.NotEqual, Contracts.Stamp)
            .Build();

        AssertUse("artifacts.read/page-by-key", new PageQuery(filtered, PageOrder.Key, null, 100));
        AssertUse("artifacts.read/page-by-cursor", new PageQuery(filtered, PageOrder.Cursor, CursorPosition.AtOrAfter(Contracts.Stamp), 100));
    }

    [Fact]
    public void Page_OfAnyTextKeys_FitsTheDescriptionOfItsDataset()
    {
        var dataset = Dataset.Define("parts").Key("tenant", ColumnType.Text).Key("seq", ColumnType.Integer).Key("code", ColumnType.Text).UpdatedAt("updated_at").Build();
        var contract = new RequestContract(ApiDescription.Write([dataset]));

        Gen.Select(Gen.String, Gen.Long, Gen.String).Sample(
            (tenant, seq, code) =>
            {
                string[] keys = [tenant, seq.ToString(System.Globalization.CultureInfo.InvariantCulture), code];
                AssertFits(contract, "parts.read/page-by-key", new PageQuery(dataset, PageOrder.Key, new CursorPosition(PageOrder.Key, null, keys), 100));
                AssertFits(contract, "parts.read/page-by-cursor", new PageQuery(dataset, PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, Contracts.Stamp, keys), 100));
            },
            iter: 1_000);
    }

    private static void AssertFits(RequestContract contract, string use, PageQuery query)
    {
        var finding = contract.Check(Contracts.Page(query));
        Assert.Empty(finding.Violations);
        Assert.Equal(use, finding.Use);
    }

    private static void AssertUse(string use, params PageQuery[] queries) => Assert.All(queries, query => AssertFits(Contracts.File, use, query));
}
