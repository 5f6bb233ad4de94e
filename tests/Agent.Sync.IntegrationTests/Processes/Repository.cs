namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>Where the clone is that these tests were built from, and as what.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Gets Debug or Release: the other projects were built as the tests were.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Agent.Sync.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"Agent.Sync.sln was not found above {AppContext.BaseDirectory}.");
    }
}
