using Microsoft.Extensions.Configuration;

namespace Agent.Sync.Configuration;

/// <summary>Binds a whole section: the options and, under <c>Datasets</c>, the datasets.</summary>
internal static class BoundSection
{
    public static void Apply(IConfigurationSection section, SyncOptions options)
    {
        section.Bind(options);
        options.DatasetsSection = null;
        foreach (var dataset in DatasetConfiguration.Read(section.GetSection(nameof(SyncOptions.Datasets))))
        {
            options.Datasets.Add(dataset);
        }
    }
}
