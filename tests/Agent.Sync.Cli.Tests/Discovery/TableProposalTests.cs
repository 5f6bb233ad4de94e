using Agent.Sync.Cli.Discovery;

namespace Agent.Sync.Cli.Tests.Discovery;

public sealed class TableProposalTests
{
    private static readonly CatalogTable Whole = new(
        "public",
        "notes",
        [
            new("id", "uuid", ColumnType.Uuid, true, false),
            new("text", "text", ColumnType.Text, false, false),
            new("version", "bigint", ColumnType.Integer, true, false),
            new("updated_at", "timestamp with time zone", ColumnType.Timestamptz, true, false),
            new("deleted_at", "timestamp with time zone", ColumnType.Timestamptz, false, false),
        ],
        [["id"]],
        [["id"], ["updated_at", "id"]],
        [],
        ["new.updated_at := now(); new.version := old.version + 1;"],
        HasRowSecurity: true,
        Policies: 1,
        IsReadable: true);

    [Fact]
    public void Of_TableThatHasAll_LacksNothing()
    {
        var proposal = TableProposal.Of(Whole);

        Assert.Equal((true, "updated_at", "version", "deleted_at"), (proposal.CanSync, proposal.UpdatedAt, proposal.Version, proposal.DeletedAt));
        Assert.Empty(proposal.Lacks);
    }

    public static TheoryData<object, bool, string> Lacking => new()
    {
        { Whole with { Keys = [] }, false, "no key" },
        { Whole with { Columns = [.. Whole.Columns.Where(static column => column.Name != "updated_at")] }, false, "no update timestamp" },
        { Whole with { Name = "my notes" }, false, "its name has other characters" },
        { Whole with { Stamps = ["new.version := 1;"] }, true, "no trigger moves updated_at" },
        { Whole with { Stamps = ["new.updated_at := now();"] }, true, "no trigger raises version" },
        { Whole with { Columns = [.. Whole.Columns.Select(static column => column.Name == "updated_at" ? column with { IsNotNull = false } : column)] }, true, "updated_at may be null" },
        { Whole with { Indexes = [["id"], ["id", "updated_at"]] }, true, "no index on (updated_at, id)" },
        { Whole with { HasRowSecurity = false }, true, "row-level security is off" },
        { Whole with { Policies = 0 }, true, "no policy for select" },
        { Whole with { IsReadable = false }, true, "signed-in users (role authenticated) may not select" },
        { Whole with { Columns = [.. Whole.Columns, new("span", "interval", null, false, false)] }, true, "column span is left out: the engine does not know the type interval" },
    };

    [Theory]
    [MemberData(nameof(Lacking), DisableDiscoveryEnumeration = true)]
    public void Of_TableThatLacksSomething_SaysSo(object table, bool canSync, string lack)
    {
        var proposal = TableProposal.Of((CatalogTable)table);

        Assert.Equal(canSync, proposal.CanSync);
        Assert.StartsWith(lack, Assert.Single(proposal.Lacks).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_TableWithTheKit_NeedsNoTriggerAndNoIndex() =>
        Assert.Empty(TableProposal.Of(Whole with { Stamps = [], Indexes = [], HasKit = true }).Lacks);

    [Fact]
    public void Order_ForeignKeys_ParentsComeFirstAndACircleEnds()
    {
        static TableProposal Table(string name, params string[] parents) => TableProposal.Of(Whole with { Name = name, Parents = parents });

        var ordered = ParentsFirst.Order([Table("a", "b"), Table("b", "c"), Table("c"), Table("x", "y"), Table("y", "x")]);

        Assert.Equal(["c", "b", "a", "x", "y"], ordered.Select(static table => table.Table.Name));
    }

    [Theory]
    [InlineData("postgresql://post%40gres:p%3Ass@db.example.test:6543/postgres?sslmode=require", "Host=db.example.test;Database=postgres;Port=6543;Username=post@gres;Password=p:ss;SSL Mode=Require")]
    [InlineData("Host=a;Username=b", "Host=a;Username=b")]
    public void ToConnectionString_OfAnAddress_IsNpgsqls(string address, string expected) => Assert.Equal(expected, DatabaseAddress.ToConnectionString(address));

    [Theory]
    [InlineData("https://secret@example.test")]
    [InlineData("secret")]
    public void ToConnectionString_OfSomethingElse_DoesNotRepeatIt(string address) => Assert.DoesNotContain(
        "secret", Assert.Throws<Events.UsageException>(() => DatabaseAddress.ToConnectionString(address)).Message, StringComparison.Ordinal);
}
