using System.Text.Json;
using Agent.Sync.Configuration;
using Agent.Sync.Tests.Architecture;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Tests.Configuration;

/// <summary>A name that no option has is an error, and not a default.</summary>
public sealed class SectionNamesTests
{
    [Theory]
    [InlineData("PagSize", "5", "AgentSync:PagSize is not known: did you mean PageSize?")]
    [InlineData("Push:BatchRow", "5", "AgentSync:Push:BatchRow is not known: did you mean BatchRows?")]
    [InlineData("Retry:Pause", "5", "AgentSync:Retry:Pause is not known: there are MaxRetries, Delay, UseJitter, MaxRetryAfter, AttemptTimeout, RequestTimeout.")]
    [InlineData("Commit", "5", "AgentSync:Commit must be an object with some of Rows, Bytes, Interval.")]
    [InlineData("PageSize:Rows", "5", "AgentSync:PageSize must be a single value.")]
    [InlineData("SealingKeys:0:Id", "5", "AgentSync:SealingKeys cannot stand in configuration: set it in code.")]
    [InlineData("Push:ConflictResolver", "x", "AgentSync:Push:ConflictResolver cannot stand in configuration: set it in code.")]
    public void AddAgentSync_NameThatIsNoOption_IsRefusedWithItsPathAndTheNearest(string key, string value, string expected)
    {
        using var provider = Services(new() { [key] = value }).BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<SyncOptions>>().Value);

        Assert.Contains(expected, exception.Failures);
    }

    [Fact]
    public void AddAgentSync_SeveralFaults_AreAllNamed()
    {
        using var provider = Services(new() { ["Uri"] = "x", ["MaxPageByte"] = "1", ["Datasets:0:Tabel"] = "a" }).BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<SyncOptions>>().Value);

        Assert.Equal(["AgentSync:Datasets:0:Tabel is", "AgentSync:Datasets:0:Table is", "AgentSync:MaxPageByte is", "AgentSync:Uri is"],
            exception.Failures.Select(static fault => fault[..(fault.IndexOf(" is", StringComparison.Ordinal) + 3)]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AddAgentSync_NamesInAnyCase_AreBound()
    {
        SyncOptions options = new();

        BoundSection.Apply(Section(new() { ["pagesize"] = "7", ["PUSH:batchrows"] = "8" }), options);

        Assert.Equal((7, 8), (options.PageSize, options.Push.BatchRows));
    }

    [Fact]
    public void Known_OfEveryObject_AreItsOptionsAndTheSessions()
    {
        string[] named = [.. SectionNames.Known.SelectMany(static part => part.Value.Select(name => part.Key.Length == 0 ? name : $"{part.Key}:{name}")), .. SectionNames.OnlyCode];
        string[] options =
        [
            .. typeof(SyncOptions).GetProperties().SelectMany(static property => property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)
                ? property.PropertyType.GetProperties().Select(inner => $"{property.Name}:{inner.Name}").Append(property.Name)
                : [property.Name]),
        ];

        Assert.Equal([.. options.Except([nameof(SyncOptions.DatasetsSection)]).Append("StateFile").Order(StringComparer.Ordinal)], named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Schema_ForEditors_HasTheSameNames()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "src", "Agent.Sync", "Configuration", "agent-sync.schema.json")));
        var section = schema.RootElement.GetProperty("$defs").GetProperty("section");

        foreach (var (path, names) in SectionNames.Known)
        {
            var part = path.Length == 0 ? section : section.GetProperty("properties").GetProperty(path);
            Assert.Equal(names.Order(StringComparer.Ordinal), part.GetProperty("properties").EnumerateObject().Select(static property => property.Name).Order(StringComparer.Ordinal));
            Assert.False(part.GetProperty("additionalProperties").GetBoolean());
        }
    }

    private static IConfigurationSection Section(Dictionary<string, string?> values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(static pair => KeyValuePair.Create($"AgentSync:{pair.Key}", pair.Value))).Build().GetSection("AgentSync");

    private static ServiceCollection Services(Dictionary<string, string?> values)
    {
        ServiceCollection services = new();
        services.AddAgentSync(section: Section(values), configure: static options => options.Url = new Uri("https://abc.supabase.co"));
        return services;
    }
}
