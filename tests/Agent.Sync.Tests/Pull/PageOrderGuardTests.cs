using Agent.Sync.Pull;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;
using CsCheck;

namespace Agent.Sync.Tests.Pull;

public sealed class PageOrderGuardTests
{
    private const string A = "\"0a000000-0000-0000-0000-000000000000\"";
    private const string B = "\"b0000000-0000-0000-0000-000000000000\"";

    private static readonly Dataset Texts = Items.Define(ColumnType.Text).Build();
    private static readonly Dataset Uuids = Items.Define(ColumnType.Uuid).Build();

    [Fact]
    public void Check_RisingRows_GivesThePositionOfTheLast()
    {
        var guard = Guard(PageOrder.Cursor);

        var last = guard.Check(Items.Page((5, 1), (3, 2)));

        Assert.Equal(new CursorPosition(PageOrder.Cursor, Items.Text(2), ["3"]), last);
        Assert.Equal(new CursorPosition(PageOrder.Key, null, ["4"]), Guard(PageOrder.Key).Check(Items.Page((3, 9), (4, 1))));
    }

    [Fact]
    public void Check_EmptyPage_GivesNoPosition() => Assert.Null(Guard(PageOrder.Cursor).Check(Items.Page()));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Check_SamePageTwice_IsRefused(bool byKey)
    {
        var guard = Guard(byKey ? PageOrder.Key : PageOrder.Cursor);
        guard.Check(Items.Page((1, 1), (2, 2)));

        AssertRefused(guard, Items.Page((1, 1), (2, 2)), byKey ? "id" : "updated_at", 0);
    }

    [Fact]
    public void Check_SingleRowTwice_IsRefused()
    {
        var guard = Guard(PageOrder.Cursor);
        guard.Check(Items.Page((1, 1)));

        AssertRefused(guard, Items.Page((1, 1)), "id", 0);
    }

    [Fact]
    public void Check_LastRowWrittenAgainBetweenRequests_IsAccepted()
    {
        // The newest row is updated between two requests: it is rightly the next page's first row, with a later time.
        var guard = Guard(PageOrder.Cursor);
        guard.Check(Items.Page((1, 1), (2, 2)));

        Assert.Equal(["4"], guard.Check(Items.Page((2, 3), (4, 4)))!.KeyValues);
        Assert.Equal(["4"], guard.Check(Items.Page((4, 5)))!.KeyValues);
    }

    [Fact]
    public void Check_KeyTwiceInOnePage_IsRefusedInEveryOrder()
    {
        // One page is one snapshot: no key is in it twice, however late its second time.
        AssertRefused(Guard(PageOrder.Cursor), Items.Page((1, 1), (1, 2)), "updated_at", 1);
        AssertRefused(Guard(PageOrder.Cursor), Items.Page((1, 1), (2, 2), (1, 3)), "id", 2);
        AssertRefused(Guard(PageOrder.Key), Items.Page((1, 1), (2, 2), (1, 3)), "id", 2);
        AssertRefused(Guard(PageOrder.Key, dataset: Texts), Page(Texts, ("\"x\"", 1), ("\"y\"", 1), ("\"x\"", 1)), "id", 2);
    }

    [Fact]
    public void Check_FallingCursor_IsRefusedInsideAndAcrossPages()
    {
        AssertRefused(Guard(PageOrder.Cursor), Items.Page((1, 2), (2, 1)), "updated_at", 1);
        var guard = Guard(PageOrder.Cursor);
        guard.Check(Items.Page((1, 2)));
        AssertRefused(guard, Items.Page((2, 1)), "updated_at", 0);
    }

    [Fact]
    public void Check_CursorFallingInKeyOrder_IsAccepted() =>
        Assert.NotNull(Guard(PageOrder.Key).Check(Items.Page((1, 5), (2, 1))));

    [Fact]
    public void Check_TiesAcrossPages_FollowTheKey()
    {
        var guard = Guard(PageOrder.Cursor);
        guard.Check(Items.Page((1, 1), (2, 1)));
        guard.Check(Items.Page((3, 1), (10, 1)));

        AssertRefused(guard, Items.Page((9, 1)), "id", 0);
    }

    [Fact]
    public void Check_MicrosecondNeighbours_AreToldApart()
    {
        var guard = Guard(PageOrder.Cursor);
        guard.Check(Items.Page((9, 1.000001), (1, 1.000002)));

        AssertRefused(guard, Items.Page((99, 1.000001)), "updated_at", 0);
    }

    [Fact]
    public void Check_TrimmedFraction_ComparesByTimeNotByText()
    {
        // PostgreSQL trims fractions: '12:00:00.1+00:00' is after '12:00:00.05+00:00', and '12:00:00+00:00' before both.
        var guard = Guard(PageOrder.Cursor);

        Assert.NotNull(guard.Check(Items.Page((9, 0), (8, 0.05), (7, 0.1))));
    }

    [Fact]
    public void Check_UuidKeys_CompareByTheirBytes()
    {
        Assert.NotNull(Guard(PageOrder.Key, dataset: Uuids).Check(Page(Uuids, (A, 1), (B, 1))));
        AssertRefused(Guard(PageOrder.Key, dataset: Uuids), Page(Uuids, (B, 1), (A, 1)), "id", 1);
    }

    [Fact]
    public void Check_IntegersBeyondDouble_CompareExactly()
    {
        Assert.NotNull(Guard(PageOrder.Key).Check(Items.Page((9007199254740992, 1), (9007199254740993, 1))));
        AssertRefused(Guard(PageOrder.Key), Items.Page((9007199254740993, 1), (9007199254740992, 1)), "id", 1);
        Assert.NotNull(Guard(PageOrder.Key).Check(Items.Page((-5, 1), (2, 1), (10, 1))));
    }

    [Fact]
    public void Check_TextKeysUnderAnyCollation_AreAccepted()
    {
        Assert.NotNull(Guard(PageOrder.Key, dataset: Texts).Check(Page(Texts, ("\"a\"", 1), ("\"B\"", 1), ("\"c\"", 1))));
        Assert.NotNull(Guard(PageOrder.Key, dataset: Texts).Check(Page(Texts, ("\"B\"", 1), ("\"a\"", 1))));
        Assert.NotNull(Guard(PageOrder.Cursor, dataset: Texts).Check(Page(Texts, ("\"B\"", 1), ("\"a\"", 1))));
    }

    [Fact]
    public void Check_TextKeysInSmallPages_EscapedKeyIsKeptUnescaped()
    {
        var last = Guard(PageOrder.Key, dataset: Texts).Check(Page(Texts, ("\"a\\\"\\u00e9,)\\n\"", 1)));

        Assert.Equal("a\"é,)\n", Assert.Single(last!.KeyValues));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(200)]
    public void Check_LoopOfPages_IsRefusedAfterBoundedRequests(int length)
    {
        var guard = Guard(PageOrder.Key, dataset: Texts);
        var requests = 0;

        Assert.Throws<SyncProtocolException>(() =>
        {
            while (requests < 100 * length)
            {
                guard.Check(Page(Texts, ($"\"key{requests++ % length}\"", 1)));
            }
        });

        Assert.InRange(requests, length + 1, (3 * length) + 2);
    }

    [Fact]
    public void Check_LoopBehindAnyLead_IsRefusedAfterBoundedRequests()
    {
        Gen.Select(Gen.Int[0, 60], Gen.Int[1, 60]).Sample((lead, length) =>
        {
            var guard = Guard(PageOrder.Key, dataset: Texts);
            var requests = 0;
            Assert.Throws<SyncProtocolException>(() =>
            {
                while (requests < 1000)
                {
                    var page = requests < lead ? requests : lead + ((requests - lead) % length);
                    guard.Check(Page(Texts, ($"\"key{page}\"", 1)));
                    requests++;
                }
            });
            Assert.InRange(requests, 0, (4 * Math.Max(lead, length)) + 4);
        });
    }

    [Fact]
    public void Check_NullKeyOrCursor_NamesColumnAndRow()
    {
        var exception = Assert.Throws<SyncProtocolException>(() =>
            Guard(PageOrder.Key).Check(Items.Parse(Items.Dataset, [("1", Items.Text(1)), ("2", null)])));

        Assert.Equal(SyncErrorKind.MissingCursorValue, exception.Kind);
        Assert.Contains("Row 1 ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'updated_at'", exception.Message, StringComparison.Ordinal);

        var noKey = Assert.Throws<SyncProtocolException>(() => Guard(PageOrder.Cursor).Check(Items.Parse(Items.Dataset, [("null", Items.Text(1))])));
        Assert.Equal(SyncErrorKind.MissingCursorValue, noKey.Kind);
        Assert.Contains("'id'", noKey.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_CursorThatIsNoTimestamp_ThrowsSchemaErrorWithoutTheValue()
    {
        var exception = Assert.Throws<SyncSchemaException>(() => Guard(PageOrder.Key).Check(Items.Parse(Items.Dataset, [("1", "canary")])));

        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00.5")]
    [InlineData("2026-01-01T00:00:00")]
    [InlineData("2026-01-01")]
    public void Check_CursorWithoutATimeZone_SaysHowToMendTheColumn(string value)
    {
        var exception = Assert.Throws<SyncSchemaException>(() => Guard(PageOrder.Key).Check(Items.Parse(Items.Dataset, [("1", value)])));

        Assert.Equal(SyncErrorKind.RemoteSchema, exception.Kind);
        Assert.Contains("without time zone", exception.Message, StringComparison.Ordinal);
        Assert.Contains("alter table \"public\".\"items\" alter column \"updated_at\" type timestamptz", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_EveryTimeThatPostgresHas_Advances()
    {
        string[] times =
        [
            "-infinity", "4714-11-24T00:00:00+00:00 BC", "0044-03-15T12:00:00+00:00 BC", "0001-12-31T23:59:59.999999+00:00 BC", "0001-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00", "10000-01-01T00:00:00+00:00", "294276-12-31T23:59:59.999999+00:00", "infinity",
        ];

        var last = Guard(PageOrder.Cursor).Check(Items.Parse(Items.Dataset, times.Select((time, index) => ($"{9 - index}", (string?)time))));

        Assert.Equal("infinity", last!.CursorValue);
    }

    [Fact]
    public void Check_KeyTwice_SaysThatItMayNotBeUnique()
    {
        var exception = Assert.Throws<SyncProtocolException>(() => Guard(PageOrder.Key).Check(Items.Page((1, 1), (1, 2))));

        Assert.Equal(SyncErrorKind.OutOfOrder, exception.Kind);
        Assert.Contains("key is not unique", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_PredicateIgnoredOnTheFirstPage_IsRefused()
    {
        AssertRefused(Guard(PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["7"])), Items.Page((1, 1)), "id", 0);
        AssertRefused(Guard(PageOrder.Key, new CursorPosition(PageOrder.Key, null, ["7"])), Items.Page((7, 1)), "id", 0);
        AssertRefused(Guard(PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, Items.Text(5), ["7"])), Items.Page((9, 4)), "updated_at", 0);
        AssertRefused(Guard(PageOrder.Cursor, new CursorPosition(PageOrder.Cursor, Items.Text(5), ["7"])), Items.Page((7, 5)), "id", 0);
        AssertRefused(Guard(PageOrder.Cursor, CursorPosition.AtOrAfter(Items.Text(5))), Items.Page((9, 4)), "updated_at", 0);
    }

    [Fact]
    public void Check_RowAtTheLowerBound_IsAccepted() =>
        Assert.NotNull(Guard(PageOrder.Cursor, CursorPosition.AtOrAfter(Items.Text(5))).Check(Items.Page((1, 5))));

    [Fact]
    public void Check_CompositeKey_ComparesPartByPart()
    {
        var dataset = Dataset.Define("items").Key("id", ColumnType.Integer).Key("name", ColumnType.Text).UpdatedAt("updated_at").Build();
        var guard = new PageOrderGuard(dataset, PageOrder.Key, after: null);

        var last = guard.Check(Composite(dataset, (1, "b"), (1, "a"), (2, "a")));

        Assert.Equal(["2", "a"], last!.KeyValues);
        Assert.Throws<SyncProtocolException>(() => guard.Check(Composite(dataset, (2, "a"))));
        Assert.Throws<SyncProtocolException>(() => guard.Check(Composite(dataset, (1, "z"))));
    }

    [Fact]
    public void Check_SequenceBeyondADouble_IsExact()
    {
        var guard = Sequenced(PageContent.Rows);

        Assert.Equal(
            new CursorPosition(PageOrder.Cursor, "9007199254740993", ["1"]),
            guard.Check(Sequences(Items.Dataset.Sequenced(), (2, 9007199254740992), (1, 9007199254740993))));
        Assert.Throws<SyncProtocolException>(() => guard.Check(Sequences(Items.Dataset.Sequenced(), (3, 9007199254740992))));
    }

    [Fact]
    public void Check_KeyThatWentSeveralTimes_IsAcceptedAmongTombstonesOnly()
    {
        var tombstones = Items.Dataset.Sequenced().Tombstones("agent_sync", "items");
        Assert.NotNull(Sequenced(PageContent.Tombstones).Check(Sequences(tombstones, (1, 5), (1, 5), (1, 7), (2, 7), (1, 8))));
        Assert.Throws<SyncProtocolException>(() => Sequenced(PageContent.Rows).Check(Sequences(Items.Dataset.Sequenced(), (1, 5), (1, 7))));
    }

    [Fact]
    public void Check_SamePageOfTombstonesTwice_IsRefused()
    {
        var tombstones = Items.Dataset.Sequenced().Tombstones("agent_sync", "items");
        var guard = Sequenced(PageContent.Tombstones);
        guard.Check(Sequences(tombstones, (1, 5)));

        Assert.Throws<SyncProtocolException>(() => guard.Check(Sequences(tombstones, (1, 5))));
    }

    private static PageOrderGuard Sequenced(PageContent content)
    {
        var rows = Items.Dataset.Sequenced();
        return new PageOrderGuard(content == PageContent.Rows ? rows : rows.Tombstones("agent_sync", "items"), PageOrder.Cursor, after: null, content);
    }

    private static Page Sequences(Dataset dataset, params (long Id, long Sequence)[] rows) => Sync.Page.Parse(
        dataset,
        System.Text.Encoding.UTF8.GetBytes($"[{string.Join(",", rows.Select(row => $"{{\"id\":{row.Id},\"name\":\"n\",\"updated_at\":\"{Items.Text(1)}\",\"sync_seq\":{row.Sequence}}}"))}]"));

    private static Page Composite(Dataset dataset, params (int Id, string Name)[] rows) => Sync.Page.Parse(
        dataset,
        System.Text.Encoding.UTF8.GetBytes($"[{string.Join(",", rows.Select(row => $"{{\"id\":{row.Id},\"name\":\"{row.Name}\",\"updated_at\":\"{Items.Text(1)}\"}}"))}]"));

    private static Page Page(Dataset dataset, params (string Id, double Seconds)[] rows) =>
        Items.Parse(dataset, rows.Select(row => (row.Id, (string?)Items.Text(row.Seconds))));

    private static PageOrderGuard Guard(PageOrder order, CursorPosition? after = null, Dataset? dataset = null) =>
        new(dataset ?? Items.Dataset, order, after);

    private static void AssertRefused(PageOrderGuard guard, Page page, string column, int row)
    {
        var exception = Assert.Throws<SyncProtocolException>(() => guard.Check(page));
        Assert.Equal(SyncErrorKind.OutOfOrder, exception.Kind);
        Assert.Contains($"'{column}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"Row {row} ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("2026", exception.ToString(), StringComparison.Ordinal);
    }
}
