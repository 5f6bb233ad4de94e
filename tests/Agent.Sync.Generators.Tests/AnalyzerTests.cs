using Agent.Sync.CodeFixes;

namespace Agent.Sync.Generators.Tests;

public sealed class AnalyzerTests
{
    private const string At = "[SyncUpdatedAt] public DateTimeOffset UpdatedAt { get; set; }";
    private const string Id = "[SyncKey] public Guid Id { get; set; }";

    [Theory]
    [InlineData("AGS0001", "[SyncTable(\"t\")] class A { " + Id + At + " }")]
    [InlineData("AGS0001", "class Outer { [SyncTable(\"t\")] partial class A { " + Id + At + " } }")]
    [InlineData("AGS0002", "[SyncTable(\"t\")] partial class A { public Guid Id { get; set; }" + At + " }")]
    [InlineData("AGS0003", "[SyncTable(\"t\")] partial class A { " + Id + " }")]
    [InlineData("AGS0004", "[SyncTable(\"t\")] partial class A { " + Id + "[SyncUpdatedAt] public DateOnly UpdatedAt { get; set; } }")]
    [InlineData("AGS0004", "[SyncTable(\"t\")] partial class A { " + Id + "[SyncUpdatedAt] public long UpdatedAt { get; set; } }")]
    [InlineData("AGS0004", "[SyncTable(\"t\")] partial class A { [SyncKey] public double Id { get; set; }" + At + " }")]
    [InlineData("AGS0004", "[SyncTable(\"t\")] partial class A { [SyncVersion] public string V { get; set; } = \"\"; " + Id + At + " }")]
    [InlineData("AGS0004", "[SyncTable(\"t\")] partial class A { [SyncKey, SyncVersion] public long V { get; set; } " + At + " }")]
    [InlineData("AGS0005", "[SyncTable(\"t\")] partial class A { public TimeSpan Span { get; set; } " + Id + At + " }")]
    [InlineData("AGS0005", "[SyncTable(\"t\")] partial class A { public ulong Big { get; set; } " + Id + At + " }")]
    [InlineData("AGS0005", "[SyncTable(\"t\")] partial class A { [SyncJson] public object? Any { get; set; } " + Id + At + " }")]
    [InlineData("AGS0005", "[SyncTable(\"t\")] partial class A { [SyncColumn(Type = ColumnType.Numeric)] public long N { get; set; } " + Id + At + " }")]
    [InlineData("AGS0006", "[SyncTable(\"t\")] partial class A { [SyncColumn(\"ID\")] public long N { get; set; } " + Id + At + " }")]
    [InlineData("AGS0006", "[SyncTable(\"t\")] partial class A { [SyncColumn(Local = \"ID\")] public long N { get; set; } " + Id + At + " }")]
    [InlineData("AGS0006", "[SyncTable(\"t\")] partial class A { [SyncUpdatedAt] public DateTimeOffset Other { get; set; } " + Id + At + " }")]
    [InlineData("AGS0007", "[SyncTable(\"t\")] partial class A<T> { " + Id + At + " }")]
    [InlineData("AGS0007", "[SyncTable(\"t\")] abstract partial class A { " + Id + At + " }")]
    [InlineData("AGS0007", "[SyncTable(\"t\")] partial class A(int other) { public int Half => other / 2; " + Id + At + " }")]
    [InlineData("AGS0007", "[SyncTable(\"t\")] partial class A { [SyncIgnore] public required string X { get; set; } " + Id + At + " }")]
    [InlineData("AGS0007", "[SyncTable(\"t\")] partial class A { [SyncColumn] public string X => \"\"; " + Id + At + " }")]
    [InlineData("AGS0008", "[SyncTable(\"my table\")] partial class A { " + Id + At + " }")]
    [InlineData("AGS0008", "[SyncTable(\"t\")] partial class A { [SyncColumn(Local = \"1st\")] public string? X { get; set; } " + Id + At + " }")]
    [InlineData("AGS0008", "[SyncTable(\"t\")] partial class A { [SyncColumn(\"1st\")] public string? X { get; set; } " + Id + At + " }")]
    [InlineData("AGS0009", "[SyncTable(\"t\")] partial class A { " + Id + At + " } [SyncTable(\"T\")] partial class B { " + Id + At + " }")]
    [InlineData("AGS0009", "[SyncTable(\"t\")] partial class A { " + Id + At + " } [SyncTable(\"u\", LocalTable = \"t\")] partial class B { " + Id + At + " }")]
    public async Task Analyzer_OfAWrongEntity_SaysOneThing(string id, string source)
    {
        var problem = Assert.Single(await Compiler.AnalyzeAsync(source));

        Assert.Equal(id, problem.Id);
        Assert.True(problem.Location.IsInSource);
        Assert.Equal(id == "AGS0009" ? 1 + 1 : 0, Compiler.Drive(Compiler.Compile(source)).GetRunResult().GeneratedTrees.Length);
    }

    [Theory]
    [InlineData("[SyncTable(\"t\")] partial class A { " + Id + At + " } [SyncTable(\"t\", Dataset = \"mine\", LocalTable = \"mine\")] partial class B { " + Id + At + " }")]
    [InlineData("class A { public TimeSpan Span { get; set; } }")]
    [InlineData("[SyncTable(\"t\")] partial class A { public static object Shared { get; set; } = 1; internal object? Hidden { get; set; } public object Computed => 1; public int this[int i] { get => i; set { } } " + Id + At + " }")]
    public async Task Analyzer_OfARightEntity_IsSilent(string source) => Assert.Empty(await Compiler.AnalyzeAsync(source));

    [Theory]
    [InlineData("new SupabaseSession(\"https://abc.supabase.co\", \"sb_secret_abc\")")]
    [InlineData("new SupabaseSession(\"https://abc.supabase.co\", Key)")]
    [InlineData("new SyncOptions { ApiKey = \"sb_secret_abc\" }")]
    [InlineData("new SupabaseSessionOptions { ApiKey = \"eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzdXBhYmFzZSIsInJvbGUiOiAic2VydmljZV9yb2xlIn0.sig\" }")]
    public async Task Analyzer_OfASecretKeyInTheSource_Warns(string expression)
    {
        var problem = Assert.Single(await Compiler.AnalyzeAsync($"class A {{ const string Key = \"sb_secret_\" + \"abc\"; object M() => {expression}; }}"));

        Assert.Equal("AGS0010", problem.Id);
        Assert.DoesNotContain("abc", problem.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new SupabaseSession(\"https://abc.supabase.co\", \"sb_publishable_abc\")")]
    [InlineData("new SupabaseSession(\"https://abc.supabase.co\", Environment.GetEnvironmentVariable(\"KEY\")!)")]
    [InlineData("new SyncOptions { ApiKey = \"eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.sig\" }")]
    [InlineData("new Uri(\"sb_secret_abc\", UriKind.Relative)")]
    public async Task Analyzer_OfAnotherKey_IsSilent(string expression) => Assert.Empty(await Compiler.AnalyzeAsync($"class A {{ object M() => {expression}; }}"));

    [Theory]
    [InlineData("await engine.SyncAsync();", true)]
    [InlineData("await engine.SyncAsync().ConfigureAwait(false);", true)]
    [InlineData("await engine.SyncAsync(new SyncRequest());", true)]
    [InlineData("(await engine.SyncAsync()).EnsureCompleted();", false)]
    [InlineData("var result = await engine.SyncAsync();", false)]
    [InlineData("_ = await engine.SyncAsync();", false)]
    [InlineData("await engine.ResetAsync(\"t\");", false)]
    public async Task Analyzer_OfASync_WarnsWhereItsResultIsDropped(string statement, bool isDropped)
    {
        var problems = await Compiler.AnalyzeAsync($"class A {{ async System.Threading.Tasks.Task M(ISyncEngine engine) {{ {statement} }} }}");

        Assert.Equal(isDropped ? ["AGS0011"] : [], problems.Select(static problem => problem.Id));
    }

    [Theory]
    [InlineData("[SyncTable(\"t\")]\nclass A { " + Id + At + " }\n", "[SyncTable(\"t\")]\npartial class A { " + Id + At + " }\n")]
    [InlineData(
        "[SyncTable(\"t\")]\npartial class A\n{\n    public Guid Id { get; set; }\n    " + At + "\n}\n",
        "[SyncTable(\"t\")]\npartial class A\n{\n    [SyncKey]\n    public Guid Id { get; set; }\n    " + At + "\n}\n")]
    [InlineData(
        "[SyncTable(\"t\")]\npartial class A\n{\n    " + Id + "\n    public DateTimeOffset UpdatedAt { get; set; }\n}\n",
        "[SyncTable(\"t\")]\npartial class A\n{\n    " + Id + "\n    [SyncUpdatedAt]\n    public DateTimeOffset UpdatedAt { get; set; }\n}\n")]
    [InlineData(
        "[SyncTable(\"t\")]\npartial class A\n{\n    " + Id + At + "\n    public TimeSpan Span { get; set; }\n}\n",
        "[SyncTable(\"t\")]\npartial class A\n{\n    " + Id + At + "\n    [SyncIgnore]\n    public TimeSpan Span { get; set; }\n}\n")]
    [InlineData("[SyncTable(\"t\")]\npartial class A { public Guid Other { get; set; } " + At + " }\n", "[SyncTable(\"t\")]\npartial class A { public Guid Other { get; set; } " + At + " }\n")]
    public async Task CodeFix_OfAnEntity_MendsIt(string before, string after) => Assert.Equal(after, (await Compiler.FixAsync(new EntityCodeFix(), before)).ReplaceLineEndings("\n"));

    [Fact]
    public async Task CodeFix_OfADroppedResult_CallsEnsureCompleted()
    {
        const string Before = "class A { async System.Threading.Tasks.Task M(ISyncEngine engine) { await engine.SyncAsync().ConfigureAwait(false); } }";
        const string After = "class A { async System.Threading.Tasks.Task M(ISyncEngine engine) { (await engine.SyncAsync().ConfigureAwait(false)).EnsureCompleted(); } }";

        Assert.Equal(After, await Compiler.FixAsync(new DroppedResultCodeFix(), Before));
    }
}
