namespace Agent.Sync.Tests.Architecture;

/// <summary>The list of the simulations' mutants stays with the code: a mutant whose text is not found measures nothing.</summary>
public sealed class SimulationMutantListTests
{
    [Fact]
    public void List_EachText_IsFoundExactlyOnceAndHasItsSwitch()
    {
        var file = "";
        var mutants = 0;
        List<string> lost = [];
        foreach (var line in File.ReadLines(Path.Combine(SourceTree.Root, "tests", "Agent.Sync.SimulationTests", "mutants.txt")))
        {
            if (line.StartsWith("mutant ", StringComparison.Ordinal))
            {
                mutants++;
            }
            else if (line.StartsWith("file ", StringComparison.Ordinal))
            {
                file = line[5..];
            }
            else if (line.StartsWith("- ", StringComparison.Ordinal)
                && File.ReadAllText(Path.Combine(SourceTree.Root, file)).Split(line[2..].Replace("\\n", "\n", StringComparison.Ordinal)).Length != 2)
            {
                lost.Add($"{file}: {line[2..]}");
            }
            else if (line.StartsWith("+ ", StringComparison.Ordinal) && !line.Contains("Mutant.Is(#)", StringComparison.Ordinal))
            {
                lost.Add($"{file}: {line[2..]} has no switch");
            }
        }

        Assert.Empty(lost);
        Assert.InRange(mutants, 25, int.MaxValue);
    }
}
