using System.Reflection;
using Agent.Sync.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Agent.Sync.Cli.Tests.Scaffolding;

/// <summary>Compiles what was scaffolded, with the package's generator, and runs it.</summary>
internal static class EntityCompiler
{
    private static readonly CSharpParseOptions Language = new(LanguageVersion.CSharp14);

    /// <summary>The datasets of the entities, by the entity's name. A warning fails as an error does.</summary>
    public static Dictionary<string, Dataset> Datasets(string code)
    {
        var compilation = CSharpCompilation.Create(
            $"Scaffolded{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(code, Language)],
            [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Disable));
        CSharpGeneratorDriver.Create([new EntityGenerator().AsSourceGenerator()], parseOptions: Language)
            .RunGeneratorsAndUpdateCompilation(compilation, out var output, out var problems, TestContext.Current.CancellationToken);
        using MemoryStream assembly = new();
        var emitted = output.Emit(assembly, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty(emitted.Diagnostics.Concat(problems).Where(static problem => problem.Severity >= DiagnosticSeverity.Warning).Select(static problem => problem.ToString()));
        return Assembly.Load(assembly.ToArray()).GetTypes()
            .Where(static type => type.IsPublic)
            .ToDictionary(static type => type.Name, static type => (Dataset)type.GetProperty("SyncDataset", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!, StringComparer.Ordinal);
    }
}
