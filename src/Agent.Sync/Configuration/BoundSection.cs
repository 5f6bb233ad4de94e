using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Configuration;

/// <summary>Binds a whole section: the options and, under <c>Datasets</c>, the datasets.</summary>
internal static class BoundSection
{
    /// <exception cref="OptionsValidationException">A name is not known, or a dataset is wrong; all faults are named, each with its path.</exception>
    public static void Apply(IConfigurationSection section, SyncOptions options)
    {
        List<string> faults = [];
        SectionNames.Check(section, faults);
        var datasets = DatasetSection.ReadAll(section.GetSection(nameof(SyncOptions.Datasets)), faults);
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(section.Path, typeof(SyncOptions), faults);
        }

        section.Bind(options);
        options.DatasetsSection = null;
        foreach (var dataset in datasets)
        {
            options.Datasets.Add(dataset);
        }
    }
}
