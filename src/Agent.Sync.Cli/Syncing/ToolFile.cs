using System.Text.Json;
using Agent.Sync.Cli.Events;
using Microsoft.Extensions.Configuration;

namespace Agent.Sync.Cli.Syncing;

/// <summary>The file that says what is synced: agent-sync.json, which has the section that an app binds.</summary>
internal sealed class ToolFile
{
    public const string DefaultName = "agent-sync.json";

    private const string Root = "AgentSync";

    private ToolFile(string path, IConfigurationSection section, IReadOnlyList<Dataset> datasets)
    {
        Path = path;
        Section = section;
        Datasets = datasets;
    }

    public string Path { get; }

    public IConfigurationSection Section { get; }

    /// <summary>Gets the datasets, parents first. Never empty.</summary>
    public IReadOnlyList<Dataset> Datasets { get; }

    public static ToolFile Read(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (!File.Exists(path))
        {
            throw new UsageException($"There is no file {path}, which says what to sync: make one with agent-sync init, or name another with --config.");
        }

        try
        {
            return Of(path, File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw new UsageException($"{path} is no JSON: {exception.InnerException?.Message ?? exception.Message}");
        }
    }

    /// <summary>The datasets of a file's content.</summary>
    public static IReadOnlyList<Dataset> Parse(byte[] json) => Of(DefaultName, json).Datasets;

    /// <summary>The resource's bytes: what the tool carries with it.</summary>
    public static byte[] Resource(string name)
    {
        using var stream = typeof(ToolFile).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The tool lacks its resource {name}.");
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static ToolFile Of(string path, byte[] json)
    {
        var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(json)).Build();
        if (root.GetChildren().FirstOrDefault(static child => child.Key is not ("$schema" or Root)) is { } unknown)
        {
            throw new UsageException($"{path}: {unknown.Key} is not known: the file has $schema and {Root}.");
        }

        var section = root.GetSection(Root);
        var datasets = DatasetConfiguration.Read(section.GetSection("Datasets"));
        return datasets.Count > 0
            ? new ToolFile(path, section, datasets)
            : throw new UsageException($"{path} has no {Root}:Datasets: agent-sync init writes them.");
    }
}
