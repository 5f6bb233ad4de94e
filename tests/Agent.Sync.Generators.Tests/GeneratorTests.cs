using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Agent.Sync.Generators.Tests;

public sealed class GeneratorTests
{
    private const string Official = """
        namespace Supabase.Postgrest.Attributes
        {
            [AttributeUsage(AttributeTargets.Class)] public class TableAttribute(string tableName) : Attribute { public string Name => tableName; }
            [AttributeUsage(AttributeTargets.Property)] public class PrimaryKeyAttribute(string? columnName = null, bool shouldInsert = false) : Attribute { public string? Name => columnName; public bool Insert => shouldInsert; }
            [AttributeUsage(AttributeTargets.Property)] public class ColumnAttribute([System.Runtime.CompilerServices.CallerMemberName] string? columnName = null, int nullValueHandling = 0, bool ignoreOnInsert = false, bool ignoreOnUpdate = false)
                : Attribute { public string? Name => columnName; public bool Ignored => ignoreOnInsert && ignoreOnUpdate && nullValueHandling > 0; }
        }
        namespace Supabase.Postgrest.Models
        {
            public abstract class BaseModel { public string? BaseUrl { get; set; } public System.Collections.Generic.Dictionary<string, object> PrimaryKey { get; set; } = []; }
        }
        """;

    [Theory]
    [InlineData("[SyncTable] public partial class A { [SyncKey] public string Id { get; set; } = \"\"; [SyncUpdatedAt] public DateTimeOffset At { get; set; } }")]
    [InlineData("namespace X.Y; public partial class Outer { internal partial record struct Middle { [SyncTable(\"t\")] private sealed partial record A([property: SyncKey] int @class, [property: SyncUpdatedAt] DateTime At); } }")]
    [InlineData("[SyncTable(\"t\")] partial class A { [SyncKey(1)] public required Guid Second { get; init; } [SyncKey] public required string First { get; init; } [SyncUpdatedAt] public DateTimeOffset? At { get; private set; } }")]
    [InlineData("abstract class Base { [SyncKey] public long Id { get; set; } [SyncUpdatedAt] public DateTimeOffset At { get; protected set; } } [SyncTable(\"t\")] partial class A : Base { public string? Name { get; set; } }")]
    [InlineData("enum Kind { @new, Old = 1, Aged = Old } [SyncTable(\"t\")] partial class A { [SyncKey] public Kind Id { get; set; } public Kind? Other { get; set; } [SyncUpdatedAt] public DateTimeOffset At { get; set; } }")]
    [InlineData("[SyncTable(\"t\", Schema = \"s\", Dataset = \"d\", LocalTable = \"l\")] partial class A(long id) { [SyncKey] public long Id { get; } = id; [SyncUpdatedAt] public DateTimeOffset At { get; init; } public Guid[]? Ids { get; init; } public decimal[] Sums { get; init; } = []; }")]
    public void Generated_OfAnEntity_CompilesWithoutAWarning(string source)
    {
        Assert.Equal([], Compiler.Errors(source));
        Assert.Single(Compiler.Drive(Compiler.Compile(source)).GetRunResult().GeneratedTrees);
    }

    [Fact]
    public void Generated_OfAnOfficialModel_TakesItsNames()
    {
        const string Model = """
            [SyncTable, Supabase.Postgrest.Attributes.Table("todo_items")]
            public partial class Todo : Supabase.Postgrest.Models.BaseModel
            {
                [Supabase.Postgrest.Attributes.PrimaryKey("id", false)] public Guid Id { get; set; }
                [Supabase.Postgrest.Attributes.Column("details")] public string? Text { get; set; }
                [Supabase.Postgrest.Attributes.Column("stamp", ignoreOnInsert: true, ignoreOnUpdate: true)] public string? Stamp { get; set; }
                [Supabase.Postgrest.Attributes.Column("updated_at"), SyncUpdatedAt] public DateTime UpdatedAt { get; set; }
                public object? NotAColumn { get; set; }
            }
            """;

        Assert.Empty(Compiler.Errors(Model + Official));
        var text = Assert.Single(Compiler.Drive(Compiler.Compile(Model + Official)).GetRunResult().GeneratedTrees).ToString();
        foreach (var part in new[] { "Define(\"todo_items\")", ".Key(\"id\", global::Agent.Sync.ColumnType.Uuid)", ".Column(\"details\",", ".UpdatedAt(\"updated_at\")", ".ServerOwned(\"stamp\")" })
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("NotAColumn", text, StringComparison.Ordinal);
        Assert.DoesNotContain("BaseUrl", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Generated_OfColumnsWithLocalNames_GivesThemToEachKindOfColumn()
    {
        const string Model = """
            [SyncTable("t")] partial class A
            {
                [SyncKey, SyncColumn(Local = "Id")] public Guid Id { get; init; }
                [SyncColumn("due_at", Local = "DueAt")] public DateTimeOffset Due { get; init; }
                [SyncVersion, SyncColumn(Local = "Version")] public long Version { get; init; }
                [SyncUpdatedAt, SyncColumn(Local = "UpdatedAt")] public DateTimeOffset UpdatedAt { get; init; }
                [SyncDeletedAt, SyncColumn(Local = "DeletedAt")] public DateTimeOffset? DeletedAt { get; init; }
            }
            """;

        Assert.Equal([], Compiler.Errors(Model));
        var text = Compiler.Drive(Compiler.Compile(Model)).GetRunResult().GeneratedTrees.Single().ToString();
        foreach (var part in new[] { "Uuid, local: \"Id\")", "(\"due_at\", global::Agent.Sync.ColumnType.Timestamptz, local: \"DueAt\")", "Version(\"version\", local:", "UpdatedAt(\"updated_at\", local:", "Remove, local: \"DeletedAt\")" })
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Generated_OfACompositeKey_FollowsTheOrderOfTheAttributes()
    {
        var text = Compiler.Drive(Compiler.Compile(
            "[SyncTable(\"t\")] partial class A { [SyncKey(2)] public Guid Second { get; init; } [SyncKey(1)] public long First { get; init; } [SyncUpdatedAt] public DateTimeOffset At { get; init; } }"))
            .GetRunResult().GeneratedTrees.Single().ToString();

        Assert.True(text.IndexOf("Key(\"first\"", StringComparison.Ordinal) is > 0 and var first && first < text.IndexOf("Key(\"second\"", StringComparison.Ordinal), text);
    }

    [Fact]
    public void Generator_AfterAnEditElsewhere_WritesNothingAgain()
    {
        var compilation = Compiler.Compile("[SyncTable(\"t\")] partial class A { [SyncKey] public int Id { get; set; } [SyncUpdatedAt] public DateTimeOffset At { get; set; } }");
        var driver = Compiler.Drive(compilation);
        var edited = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other;", (CSharpParseOptions)compilation.SyntaxTrees[0].Options, cancellationToken: TestContext.Current.CancellationToken));

        var steps = driver.RunGenerators(edited, TestContext.Current.CancellationToken).GetRunResult().Results.Single().TrackedSteps[EntityGenerator.Models];

        Assert.All(steps.SelectMany(static step => step.Outputs), static output => Assert.True(output.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged));
    }

    [Theory]
    [InlineData("Id", "id")]
    [InlineData("UpdatedAt", "updated_at")]
    [InlineData("HTTPPort", "http_port")]
    [InlineData("OwnerID", "owner_id")]
    [InlineData("Line2", "line2")]
    [InlineData("already_snake", "already_snake")]
    [InlineData("Mixed_Name", "mixed_name")]
    public void SnakeCase_OfAName_IsPostgreSqls(string name, string column) => Assert.Equal(column, SnakeCase.Of(name));
}
