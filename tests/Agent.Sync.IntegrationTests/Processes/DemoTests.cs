using System.Globalization;
using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The demo, with a backend of its own, and what it leaves on both sides.</summary>
public sealed class DemoTests(BackendFixture backends) : IDisposable
{
    private const int Rows = 12_000;
    private const int Changes = 10_000;

    /// <summary>Of the five edits of the story, the insert, the rename and the delete go up.</summary>
    private const int StorySent = 3;

    // Not a private folder: run as root, PostgreSQL is another user, who has to get through to its data.
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"agent-sync-demo-{Guid.NewGuid():N}");

    [Theory]
    [InlineData("on", "Exact")]
    [InlineData("off", "Overlap")]
    public async Task Demo_TenThousandChangesOnEitherSide_AreOnBothAfterOneSync(string kit, string grade)
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());
        string[] demo = ["demo", "--json", "--data", _data, "--kit", kit, "--rows", $"{Rows}", "--changes", $"{Changes}"];

        var end = (await console.RunAsync(demo)).AssertExitCode(0);

        var result = SampleConsole.Find(end, "result")!.Value;
        Assert.Equal(grade, result.GetProperty("grade").GetString());
        Assert.Equal("CompletedWithQuarantine", result.GetProperty("outcome").GetString());
        Assert.Equal(Changes + StorySent, Number(result, "pushed"));
        Assert.Equal((1, 1, 1, 0), (Number(result, "conflicts"), Number(result, "rejected"), Number(result, "quarantined"), Number(result, "pending")));
        Assert.InRange(Number(result, "applied") + Number(result, "deleted"), Changes, Changes + Changes + StorySent + 1);
        Assert.False(result.GetProperty("hasMore").GetBoolean());

        var story = SampleConsole.Find(end, "story")!.Value;
        Assert.False(story.GetProperty("isOurs").GetBoolean());
        Assert.StartsWith("Named elsewhere", story.GetProperty("kept").GetString(), StringComparison.Ordinal);
        Assert.Equal("23514", story.GetProperty("rejected").GetProperty("code").GetString());
        await AssertSameRowsAsync(_data, kit == "on", result.GetProperty("database").GetString()!);
    }

    public void Dispose()
    {
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    private static long Number(JsonElement one, string name) => one.GetProperty(name).GetInt64();

    /// <summary>Row by row: everything but the rejected size, which is -1 here and was never written there.</summary>
    private static async Task AssertSameRowsAsync(string data, bool kit, string database)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var host = await LocalBackendHost.StartAsync(
            new LocalBackendOptions { DataDirectory = Path.Combine(data, "backend"), Kit = kit }, cancellationToken);
        var there = await host.SqlAsync(
            """
            select upper(id::text) || ' ' || version || ' ' || name || ' ' || coalesce(content, '') as text from public.artifacts
            where deleted_at is null and owner_id = (select id from auth.users where email = 'ada@example.test')
            """,
            cancellationToken: cancellationToken);
        List<string> here = [];
        await using (var connection = await LocalRows.OpenAsync(database))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "select id || ' ' || version || ' ' || name || ' ' || coalesce(content, '') from artifacts";
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                here.Add(reader.GetString(0));
            }
        }

        Assert.Equal(there.Select(static row => row.GetProperty("text").GetString()!).Order(StringComparer.Ordinal), here.Order(StringComparer.Ordinal));
        Assert.True(here.Count > Rows + Changes, here.Count.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(1L, await LocalRows.ScalarAsync(database, "select count(*) from artifacts where size = -1"));
    }
}
