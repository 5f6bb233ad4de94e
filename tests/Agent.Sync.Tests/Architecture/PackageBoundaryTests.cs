using System.Reflection;
using System.Runtime.CompilerServices;

namespace Agent.Sync.Tests.Architecture;

public sealed class PackageBoundaryTests
{
    private static readonly string[] Friends =
    [
        "Agent.Sync.Tests",
        "Agent.Sync.Cli.Tests",
        "Agent.Sync.EncryptionTests",
        "Agent.Sync.Generators.Tests",
        "Agent.Sync.Hosting.Tests",
        "Agent.Sync.IntegrationTests",
        "Agent.Sync.Sqlite.Tests",
        "Agent.Sync.SimulationTests",
        "Agent.Sync.Benchmarks",
    ];

    public static TheoryData<string> Libraries => ["Agent.Sync", "Agent.Sync.EntityFrameworkCore", "Agent.Sync.Hosting", "Agent.Sync.OpenTelemetry", "Agent.Sync.Sqlite", "Agent.Sync.Supabase", "Agent.Sync.Testing"];

    // Programs, what runs in the compiler and travels in the package of Agent.Sync, the project that makes the assembly Agent.Sync.Sqlite, and the templates.
    private static readonly string[] Others = ["Agent.Sync.Cli", "Agent.Sync.CodeFixes", "Agent.Sync.Generators", "Agent.Sync.Sqlite.Core", "Agent.Sync.Templates"];

    [Fact]
    public void Libraries_OfTheseTests_AreAllProjectsOfSrcButTheOthers()
    {
        IEnumerable<string?> projects = Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src"))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"))
            .Select(Path.GetFileNameWithoutExtension);

        Assert.Equal(Libraries.Select(row => row.Data).Concat(Others).Order(StringComparer.Ordinal), projects.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Internals_OfALibrary_AreVisibleToTestsOnly(string library)
    {
        IEnumerable<string> friends = Assembly.Load(library)
            .GetCustomAttributes<InternalsVisibleToAttribute>()
            .Select(attribute => new AssemblyName(attribute.AssemblyName).Name!);

        Assert.Empty(friends.Except(Friends));
    }

    [Theory]
    [InlineData("Agent.Sync.EntityFrameworkCore")]
    [InlineData("Agent.Sync.Hosting")]
    [InlineData("Agent.Sync.OpenTelemetry")]
    [InlineData("Agent.Sync.Sqlite")]
    [InlineData("Agent.Sync.Supabase")]
    [InlineData("Agent.Sync.Testing")]
    public void Provider_TypesOfAgentSyncItNames_ArePublic(string provider)
    {
        HashSet<string> surface = [.. Assembly.Load("Agent.Sync").GetExportedTypes().Select(type => $"{type.Namespace}.{type.Name}")];

        var offenders = TypeReferenceReader.Read(Assembly.Load(provider))
            .Where(reference => reference.ToAssembly == "Agent.Sync")
            .Where(reference => !surface.Contains($"{reference.ToNamespace}.{reference.ToType}"))
            .Select(reference => $"{reference.FromType} knows {reference.ToNamespace}.{reference.ToType}");

        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("Agent.Sync")]
    [InlineData("Agent.Sync.EntityFrameworkCore", "Agent.Sync")]
    [InlineData("Agent.Sync.Hosting", "Agent.Sync")]
    [InlineData("Agent.Sync.OpenTelemetry", "Agent.Sync")]
    [InlineData("Agent.Sync.Sqlite", "Agent.Sync")]
    [InlineData("Agent.Sync.Supabase", "Agent.Sync")]
    [InlineData("Agent.Sync.Testing", "Agent.Sync")]
    public void Library_OfTheOthers_ReferencesOnlyThoseBelowIt(string library, params string[] allowed)
    {
        IEnumerable<string> references = Assembly.Load(library)
            .GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => name.StartsWith("Agent.", StringComparison.Ordinal));

        Assert.Empty(references.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Library_Always_ReferencesNoTestFramework(string library)
    {
        string[] frameworks = ["xunit", "nunit", "Microsoft.VisualStudio.TestPlatform", "Microsoft.Testing", "NSubstitute", "CsCheck"];

        IEnumerable<string> references = Assembly.Load(library)
            .GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => frameworks.Any(framework => name.StartsWith(framework, StringComparison.OrdinalIgnoreCase)));

        Assert.Empty(references);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void PublicClasses_OfALibrary_AreSealedAbstractOrStatic(string library)
    {
        // A class that is open on purpose is named here, with the reason.
        Dictionary<string, string> open = [];

        IEnumerable<string> offenders = Assembly.Load(library)
            .GetExportedTypes()
            .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false })
            .Select(type => type.FullName!);

        Assert.Empty(offenders.Except(open.Keys));
    }
}
