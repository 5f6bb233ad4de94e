using Agent.Sync.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Agent.Sync;

/// <summary>Reads datasets from configuration. Safe for concurrent use.</summary>
/// <remarks>
/// <c>AddAgentSync(section: ...)</c> and <see cref="SyncEngineBuilder.UseConfiguration"/> do this with the section's <c>Datasets</c>. The package has a JSON schema for
/// editors, <c>schema/agent-sync.schema.json</c>.
/// </remarks>
public static class DatasetConfiguration
{
    /// <summary>Reads an array of datasets, in its order.</summary>
    /// <param name="section">
    /// The array: one object per dataset, parents first, with <c>Table</c>, <c>Key</c>, <c>UpdatedAt</c> and <c>Columns</c>, and if needed <c>Name</c>, <c>Schema</c>,
    /// <c>LocalTable</c>, <c>Version</c>, <c>DeletedAt</c>, <c>DeleteHandling</c>, <c>ServerOwned</c>, <c>OnConflict</c>, <c>Where</c> and <c>LocalColumns</c>. They mean what the methods of
    /// <see cref="DatasetBuilder"/> do.
    /// </param>
    /// <returns>The datasets. Empty when the section does not exist.</returns>
    /// <exception cref="OptionsValidationException">Something is wrong, or has a name that is not known; the message names the path of each fault.</exception>
    public static IReadOnlyList<Dataset> Read(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        List<string> faults = [];
        var datasets = DatasetSection.ReadAll(section, faults);
        return faults.Count == 0 ? datasets : throw new OptionsValidationException(section.Path, typeof(Dataset), faults);
    }
}
