namespace Agent.Sync.Tests.Architecture;

/// <summary>The list of SQL mutants stays with the SQL: a mutant whose text is not found measures nothing.</summary>
public sealed class SqlMutantListTests
{
    [Fact]
    public void List_EachText_IsFoundExactlyOnce()
    {
        var file = "";
        var count = 0;
        List<string> lost = [];
        foreach (var line in File.ReadLines(Path.Combine(SourceTree.Root, "eng", "sql-mutants.txt")))
        {
            if (line.StartsWith("file ", StringComparison.Ordinal))
            {
                file = Path.Combine(SourceTree.Root, "src", "Agent.Sync.Sqlite", line[5..].Trim());
            }
            else if (line.StartsWith("- ", StringComparison.Ordinal))
            {
                count++;
                if (File.ReadAllText(file).Split(line[2..]).Length != 2)
                {
                    lost.Add($"{SourceTree.Relative(file)}: {line[2..]}");
                }
            }
        }

        Assert.Empty(lost);
        Assert.InRange(count, 100, int.MaxValue);
    }
}
