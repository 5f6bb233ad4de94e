using System.Text.Json.Nodes;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>Rows that swap values which must be unique: a constraint that can be deferred lets them, in one batch.</summary>
public sealed class PushSwapTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();

    [Theory]
    [InlineData("deferrable")]
    [InlineData("deferrable initially deferred")]
    public async Task Push_SwapUnderADeferrableConstraint_IsApplied(string constraint)
    {
        var table = await CreateAsync(constraint);

        var answer = await table.PushAsync(Ada, new KitBatch().Update(1, null, "two").Update(2, null, "one"));

        Assert.Equal(["applied", "applied"], answer.Outcomes);
        Assert.Equal(["two", "one", "three"], await NamesAsync(table));
    }

    [Theory]
    [InlineData("deferrable")]
    [InlineData("deferrable initially deferred")]
    public async Task Push_CycleWithOtherChangesBetween_IsApplied(string constraint)
    {
        var table = await CreateAsync(constraint);
        var batch = new KitBatch().Update(1, null, "two").Insert(9, Ada, "nine").Update(2, null, "three").Delete(8, null).Update(3, null, "one");

        var answer = await table.PushAsync(Ada, batch);

        Assert.All(answer.Outcomes, static outcome => Assert.Equal("applied", outcome));
        Assert.Equal(["two", "three", "one", "nine"], await NamesAsync(table));
    }

    [Theory]
    [InlineData("deferrable", false)]
    [InlineData("deferrable initially deferred", true)]
    public async Task Push_SwapOfRowsWithOtherColumnsToo_NeedsAConstraintThatIsCheckedAtTheEnd(string constraint, bool isApplied)
    {
        var table = await CreateAsync(constraint);
        var batch = new KitBatch().Update(1, null, "two").Update(2, null, new JsonObject { ["name"] = "one", ["note"] = "and a note" });

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(isApplied ? ["applied", "applied"] : ["rejected:23505", "rejected:23505"], answer.Outcomes);
        Assert.Equal(isApplied ? ["two", "one", "three"] : ["one", "two", "three"], await NamesAsync(table));
    }

    [Fact]
    public async Task Push_SwapUnderAConstraintThatIsNotDeferrable_RejectsBothAndAppliesTheOthers()
    {
        var table = await CreateAsync(string.Empty);
        var batch = new KitBatch().Update(1, null, "two").Update(2, null, "one").Update(3, null, "free");

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["rejected:23505", "rejected:23505", "applied"], answer.Outcomes);
        Assert.Equal($"{table.Name}_name_key", answer.Constraint(0));
        Assert.Equal(["one", "two", "free"], await NamesAsync(table));
    }

    [Fact]
    public async Task Push_SwapWhereOneRowIsRefusedForAnotherReason_AppliesNeither()
    {
        var table = await CreateAsync("deferrable");
        var batch = new KitBatch()
            .Update(1, null, new JsonObject { ["name"] = "two", ["note"] = "fits" })
            .Update(2, null, new JsonObject { ["name"] = "one", ["note"] = "longer than twenty characters" });

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["rejected:23505", "rejected:22001"], answer.Outcomes);
        Assert.Equal(["one", "two", "three"], await NamesAsync(table));
    }

    private async Task<KitTable> CreateAsync(string constraint)
    {
        var table = await KitTable.CreateAsync(backends.Main, $"id bigint primary key, owner_id uuid, name text unique {constraint}, note varchar(20)");
        await table.SqlAsync($"insert into {table.Name} (id, owner_id, name) values (1, '{Ada}', 'one'), (2, '{Ada}', 'two'), (3, '{Ada}', 'three')");
        return table;
    }

    private static async Task<string[]> NamesAsync(KitTable table) =>
        [.. (await table.SqlAsync($"select name from {table.Name} order by id")).Select(static row => row.GetProperty("name").GetString()!)];
}
