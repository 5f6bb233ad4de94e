using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Cli.Tests.Syncing;

public sealed class ToolFileTests
{
    [Fact]
    public void Read_TheDemosFile_HasItsTablesParentsFirst()
    {
        using TestFile file = new(ToolFile.Resource(ToolFile.DefaultName));

        Assert.Equal(["projects", "artifacts"], ToolFile.Read(file.Path).Datasets.Select(static dataset => dataset.Name));
    }

    [Fact]
    public void Read_NoFile_SaysThatInitMakesOne()
    {
        var missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "agent-sync.json");

        var exception = Assert.Throws<UsageException>(() => ToolFile.Read(missing));

        Assert.Contains(missing, exception.Message, StringComparison.Ordinal);
        Assert.Contains("agent-sync init", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"AgentSync\": ", "is no JSON")]
    [InlineData("[]", "is no JSON")]
    [InlineData("{}", "has no AgentSync:Datasets")]
    [InlineData("{ \"$schema\": \"x\", \"AgentSync\": { \"Datasets\": [] } }", "has no AgentSync:Datasets")]
    [InlineData("{ \"AgentSink\": { } }", "AgentSink is not known")]
    public void Read_FileThatIsWrong_SaysWhat(string text, string message)
    {
        using TestFile file = new(text);

        Assert.Contains(message, Assert.Throws<UsageException>(() => ToolFile.Read(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DatasetThatIsWrong_NamesItsPath()
    {
        using TestFile file = new("""{ "AgentSync": { "Datasets": [ { "Table": "a", "Key": ["id"], "UpdatedAt": "u", "Columns": { "id": "uuid", "price": "money" } } ] } }""");

        Assert.StartsWith("AgentSync:Datasets:0:Columns:price", Assert.Single(Assert.Throws<OptionsValidationException>(() => ToolFile.Read(file.Path)).Failures), StringComparison.Ordinal);
    }
}
