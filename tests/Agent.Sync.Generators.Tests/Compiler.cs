using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Agent.Sync.Generators.Tests;

/// <summary>Compiles a source with the generator, the analyzers and the code fixes of the package.</summary>
internal static class Compiler
{
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path) != "Agent.Sync.Generators.Tests.dll")
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    private static readonly CSharpParseOptions Language = new(LanguageVersion.CSharp14);

    private static readonly CSharpCompilationOptions Output = new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);

    public static CSharpCompilation Compile(params string[] sources) => CSharpCompilation.Create(
        "App",
        sources.Select(static (source, index) => CSharpSyntaxTree.ParseText("using System;\nusing Agent.Sync;\n" + source, Language, $"Source{index}.cs")),
        References,
        Output);

    public static GeneratorDriver Drive(CSharpCompilation compilation) => CSharpGeneratorDriver
        .Create([new EntityGenerator().AsSourceGenerator()], parseOptions: Language, driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true))
        .RunGenerators(compilation);

    /// <summary>Returns what the compiler says of the source and of what was generated for it.</summary>
    public static IReadOnlyList<string> Errors(string source)
    {
        var compilation = Compile(source);
        CSharpGeneratorDriver.Create([new EntityGenerator().AsSourceGenerator()], parseOptions: Language)
            .RunGeneratorsAndUpdateCompilation(compilation, out var output, out var problems, TestContext.Current.CancellationToken);
        return [.. output.GetDiagnostics(TestContext.Current.CancellationToken).Concat(problems).Where(static problem => problem.Severity >= DiagnosticSeverity.Warning).Select(static problem => problem.ToString())];
    }

    /// <summary>Returns what the analyzers say.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> AnalyzeAsync(params string[] sources) =>
    [
        .. (await Compile(sources).WithAnalyzers([new EntityAnalyzer(), new UsageAnalyzer()]).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken))
            .OrderBy(static problem => problem.Id, StringComparer.Ordinal),
    ];

    /// <summary>Returns the source as the code fix leaves it; as it was where none is offered.</summary>
    public static async Task<string> FixAsync(CodeFixProvider fix, string source)
    {
        using var workspace = new AdhocWorkspace();
        var project = workspace.CurrentSolution
            .AddProject("App", "App", LanguageNames.CSharp)
            .WithMetadataReferences(References)
            .WithParseOptions(Language)
            .WithCompilationOptions(Output);
        var document = project.AddDocument("Source.cs", SourceText.From("using System;\nusing Agent.Sync;\n" + source));
        var compilation = (await document.Project.GetCompilationAsync(TestContext.Current.CancellationToken))!;
        var problems = await compilation.WithAnalyzers([new EntityAnalyzer(), new UsageAnalyzer()]).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        var problem = problems.First(candidate => fix.FixableDiagnosticIds.Contains(candidate.Id));
        List<CodeAction> actions = [];
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, problem, (action, _) => actions.Add(action), TestContext.Current.CancellationToken));
        if (actions.Count == 0)
        {
            return source;
        }

        var operations = await actions[0].GetOperationsAsync(TestContext.Current.CancellationToken);
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
        var text = (await changed.GetTextAsync(TestContext.Current.CancellationToken)).ToString();
        return text["using System;\nusing Agent.Sync;\n".Length..];
    }
}
