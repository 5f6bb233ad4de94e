using Agent.Sync.Configuration;
using Agent.Sync.Engine;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Tests.Configuration;

/// <summary>Options that are right, so that a test has to break only what it is about.</summary>
internal static class TestOptions
{
    public const string PublishableKey = "sb_publishable_test";

    public static EnvironmentConfiguration NoEnvironment { get; } = new(static _ => null);

    public static Dataset Dataset(string name, string? table = null) => Sync.Dataset.Define(name)
        .ToTable(table ?? name)
        .Key("id", ColumnType.Uuid)
        .UpdatedAt("updated_at")
        .Build();

    public static void Fill(SyncOptions options)
    {
        options.Url = new Uri("https://project.example.test");
        options.ApiKey = PublishableKey;
        options.AccessTokenProvider = static (_, _) => ValueTask.FromResult<AccessToken?>(null);
        options.Datasets.Add(Dataset("artifacts"));
    }

    public static SyncOptions Create()
    {
        SyncOptions options = new();
        Fill(options);
        return options;
    }

    /// <summary>Returns what is told about the options, nothing when they are right.</summary>
    public static IReadOnlyList<string> FaultsOf(SyncOptions options)
    {
        try
        {
            SyncOptionsCheck.Require(options);
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
    }
}
