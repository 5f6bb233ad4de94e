using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.Sqlite;
using Agent.Sync.Testing;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>An app outside the clone that knows the SDK by its packages alone.</summary>
internal sealed class PackageApp(string folder)
{
    /// <summary>A program that syncs the project that its environment names.</summary>
    public const string SyncProgram =
        """
        using Agent.Sync;
        using Agent.Sync.Sqlite;
        using Agent.Sync.Testing;

        using var session = new SupabaseSession(new SupabaseSessionOptions
        {
            Url = new Uri(Environment.GetEnvironmentVariable("APP_URL")!),
            ApiKey = Environment.GetEnvironmentVariable("APP_KEY")!,
            AllowInsecureLoopback = true,
        });
        await session.SignInAsync(Environment.GetEnvironmentVariable("APP_EMAIL")!, Environment.GetEnvironmentVariable("APP_PASSWORD")!);

        await using var engine = new SyncEngineBuilder()
            .UseSession(session)
            .UseSqlite(Environment.GetEnvironmentVariable("APP_DATABASE")!)
            .Configure(options =>
            {
                options.Commit.Interval = TimeSpan.Zero;
                options.TotalCount = TotalCount.Exact;
            })
            .AddDataset<Artifact>()
            .Build();

        RecordingProgress recorded = new() { OnReport = progress => Console.WriteLine($"progress {progress.Completed} of {progress.Total}") };
        var result = await engine.SyncAsync(recorded);
        Console.WriteLine($"{result.Outcome} {result.Applied} {recorded.Snapshots.Count}");

        // The generator comes out of the package.
        [SyncTable("artifacts")]
        internal sealed partial record Artifact
        {
            [SyncKey] public Guid Id { get; init; }
            public string Name { get; init; } = "";
            [SyncUpdatedAt] public DateTimeOffset UpdatedAt { get; init; }
            [SyncDeletedAt] public DateTimeOffset? DeletedAt { get; init; }
        }
        """;

    public string Database => Path.Combine(folder, "app.db");

    /// <summary>Runs a command of the SDK that builds; nothing of it stays running, or its output would not end.</summary>
    public static Task<ProcessEnd> BuildToolAsync(string folder, params IEnumerable<string> arguments) => ChildProcess.RunDotnetAsync(
        folder,
        new Dictionary<string, string>
        {
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["UseSharedCompilation"] = "false",
            ["DOTNET_NOLOGO"] = "1",
        },
        arguments);

    public async Task<ProcessEnd> BuildAsync(PackageFeed feed, string program)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program);
        await File.WriteAllTextAsync(Path.Combine(folder, "App.csproj"), Project(feed));
        await feed.ConfigureAsync(folder);
        return await BuildToolAsync(folder, "build", "-nologo", "-v:q", "-o", Path.Combine(folder, "out"));
    }

    public Task<ProcessEnd> RunAsync(Backend backend, TestUser user) => ChildProcess.RunDotnetAsync(
        folder,
        new Dictionary<string, string>
        {
            ["APP_URL"] = backend.Host.Url.ToString(),
            ["APP_KEY"] = backend.Host.PublishableKey,
            ["APP_EMAIL"] = user.Email,
            ["APP_PASSWORD"] = TestUser.Password,
            ["APP_DATABASE"] = Database,
        },
        "exec",
        Path.Combine(folder, "out", "App.dll"));

    private static string Project(PackageFeed feed)
    {
        string[] added = ["Agent.Sync", "Agent.Sync.Sqlite", "Agent.Sync.Testing"];
        var references = added.Select(id => $"""    <PackageReference Include="{id}" Version="[{feed.Version}]" />""");
        return $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
            {string.Join('\n', references)}
              </ItemGroup>
            </Project>
            """;
    }
}
