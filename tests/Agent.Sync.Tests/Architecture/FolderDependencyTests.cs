using System.Reflection;
using Agent.Sync.Tests.Architecture.Fixtures;

namespace Agent.Sync.Tests.Architecture;

public sealed class FolderDependencyTests
{
    private const string SqliteStore = "Agent.Sync.Sqlite";

    // Lowest first. The project's own folder is on top of all.
    private static readonly string[] FoldersOfTheSqliteStore =
        ["Configuration", "Database", "Values", "Bookkeeping", "Schema", "Rows", "Outbox", "Applying", ""];

    [Fact]
    public void Folders_OfTheEngine_KnowOnlyWhatTheyMay()
    {
        IReadOnlyCollection<TypeReference> references = TypeReferenceReader.Read(Assembly.Load("Agent.Sync"));

        IReadOnlyList<string> offenders = FolderRules.Offenders(references);

        Assert.True(offenders.Count == 0, "Dependencies point one way:\n" + string.Join('\n', offenders));
    }

    [Theory]
    [InlineData("Agent.Sync")]
    [InlineData("Agent.Sync.Testing")]
    [InlineData(SqliteStore)]
    public void Folders_OfAnAssembly_MakeNoCircle(string assembly)
    {
        IReadOnlyCollection<TypeReference> references = TypeReferenceReader.Read(Assembly.Load(assembly));

        IReadOnlyList<string> circles = FolderCircles.Find(assembly, references, (@namespace, type) => TypeFolders.Find(assembly, @namespace, type));

        Assert.True(circles.Count == 0, "Folders know each other:\n" + string.Join('\n', circles));
    }

    [Fact]
    public void Folders_OfTheSqliteStore_KnowOnlyLowerOnes()
    {
        IReadOnlyCollection<TypeReference> references = TypeReferenceReader.Read(Assembly.Load(SqliteStore));

        var arrows =
            (from reference in references
             where reference.ToAssembly == SqliteStore
             let @from = TypeFolders.Find(SqliteStore, reference.FromNamespace, reference.FromType)
             let to = TypeFolders.Find(SqliteStore, reference.ToNamespace, reference.ToType)
             where @from is not null && to is not null
             select (From: Height(@from), To: Height(to), Types: $"{reference.FromType} knows {reference.ToType}")).ToArray();

        Assert.DoesNotContain(arrows, static arrow => arrow.From < 0 || arrow.To < 0);
        Assert.Empty(arrows.Where(static arrow => arrow.From < arrow.To).Select(static arrow => arrow.Types).Distinct());
        Assert.Equal(FoldersOfTheSqliteStore.Length, arrows.Select(static arrow => arrow.From).Concat(arrows.Select(static arrow => arrow.To)).Distinct().Count());

        static int Height(string folder) => Array.IndexOf(FoldersOfTheSqliteStore, folder);
    }

    [Fact]
    public void Circles_OfThreeFolders_AreNamedAndOthersAreNot()
    {
        TypeReference[] references = [Arrow("A", "B"), Arrow("B", "B/C"), Arrow("B/C", "A"), Arrow("A", "D"), Arrow("D", "E")];

        IReadOnlyList<string> circles = FolderCircles.Find("Any", references, static (@namespace, _) => @namespace);

        Assert.Equal(["A -> B: InA knows InB", "B -> B/C: InB knows InB/C", "B/C -> A: InB/C knows InA"], circles);

        static TypeReference Arrow(string from, string to) => new(from, "In" + from, "Any", to, "In" + to);
    }

    [Fact]
    public void Rules_AmongFolders_HaveNoCircle()
    {
        string[] folders = [.. FolderRules.Allowed.Keys];

        var circles =
            from first in folders
            from second in folders
            where string.CompareOrdinal(first, second) < 0 && Reaches(first, second, folders) && Reaches(second, first, folders)
            select $"{first} <-> {second}";

        Assert.Empty(circles);
    }

    [Theory]
    [InlineData("Pull", "Engine")]
    [InlineData("Postgrest", "Pull")]
    [InlineData("(root)", "Stores")]
    [InlineData("(root)", "Configuration")]
    [InlineData("Resilience", "Postgrest")]
    [InlineData("Diagnostics", "Stores")]
    [InlineData("Engine", "DependencyInjection")]
    [InlineData("Unlisted", "Stores")]
    [InlineData("Pull", "Unlisted")]
    public void Offenders_OfAWrongArrow_AreNamed(string from, string to)
    {
        TypeReference wrong = new(NamespaceOf(from), "A", "Agent.Sync", NamespaceOf(to), "B");

        string offender = Assert.Single(FolderRules.Offenders([wrong]));

        Assert.Equal($"{NamespaceOf(from)}.A knows {NamespaceOf(to)}.B", offender);
    }

    [Theory]
    [InlineData(nameof(KnowsByBase))]
    [InlineData(nameof(KnowsByInterface))]
    [InlineData(nameof(KnowsByField))]
    [InlineData(nameof(KnowsByGenericArgument))]
    [InlineData(nameof(KnowsByConstraint<>))]
    [InlineData(nameof(KnowsByAttribute))]
    [InlineData(nameof(KnowsByParameter))]
    [InlineData(nameof(KnowsByMethodBody))]
    [InlineData(nameof(KnowsByStaticCall))]
    [InlineData(nameof(KnowsByLambda))]
    [InlineData(nameof(KnowsByAsyncBody))]
    [InlineData(nameof(KnowsByCatch))]
    [InlineData(nameof(KnowsBySwitch))]
    public void Read_TypeThatNamesAnother_SeesIt(string type)
    {
        IReadOnlyCollection<TypeReference> references = TypeReferenceReader.Read(typeof(FolderDependencyTests).Assembly);

        Assert.Contains(references, reference => reference.FromType.Split('`')[0] == type && reference.ToNamespace == typeof(Target).Namespace
            && reference.ToType.StartsWith("Target", StringComparison.Ordinal));
    }

    private static bool Reaches(string from, string to, string[] folders)
    {
        HashSet<string> seen = [from];
        Queue<string> open = new([from]);
        while (open.TryDequeue(out string? folder))
        {
            foreach (string next in folders.Where(next => next != folder && FolderRules.MayKnow(folder, next) && seen.Add(next)))
            {
                open.Enqueue(next);
            }
        }

        return seen.Contains(to);
    }

    private static string NamespaceOf(string folder) =>
        folder == FolderRules.Root ? FolderRules.RootNamespace : $"{FolderRules.RootNamespace}.{folder}";
}
