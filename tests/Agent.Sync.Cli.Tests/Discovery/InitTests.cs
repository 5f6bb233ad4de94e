using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Syncing;
using BackendHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Agent.Sync.Cli.Tests.Discovery;

/// <summary>init and a sync, on tables that nobody wrote for it.</summary>
[Collection(ConsoleBackend.Api)]
public sealed class InitTests(ConsoleBackend backend)
{
    private const string Email = "ada@example.test";
    private const string Password = "a-password-for-tests";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Init_RandomTables_AreSyncedAsTheyAre()
    {
        var host = backend.Host;
        await using var database = NpgsqlDataSource.Create(host.DatabaseConnectionString + ";Timezone=UTC");
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        RandomTables tables = new(new Random(seed));
        await RunAsync(database, tables.Create());
        await host.RestartAsync(Cancelled);
        await SignUpAsync(host);
        using TestFile file = new("");
        File.Delete(file.Path);

        var code = await CommandTree.RunAsync(["init", "--yes", "--json", "--from", host.DatabaseConnectionString!, "--schema", "public", "--config", file.Path, "--url", host.Url.ToString(), "--tables", .. tables.Names]);

        Assert.Equal(0, code);
        var read = ToolFile.Read(file.Path);
        Assert.Equal(tables.Names, read.Datasets.Select(static dataset => dataset.Name));
        Assert.DoesNotContain("assword", await File.ReadAllTextAsync(file.Path, Cancelled), StringComparison.Ordinal);
        var local = Path.Combine(Path.GetDirectoryName(file.Path)!, "rows.db");
        await SyncAsync(read, host, local);
        foreach (var dataset in read.Datasets)
        {
            var there = await ServerAsync(database, dataset);
            Assert.Equal(RandomTables.Rows, there.Length);
            Assert.Equal(there, await LocalAsync(local, dataset));
        }
    }

    [Fact]
    public async Task Init_FileThatIsThere_IsNotReplaced()
    {
        using TestFile file = new("mine");

        var code = await CommandTree.RunAsync(["init", "--yes", "--json", "--from", "Host=127.0.0.1;Port=1", "--config", file.Path]);

        Assert.Equal(2, code);
        Assert.Equal("mine", await File.ReadAllTextAsync(file.Path, Cancelled));
    }

    private static async Task SyncAsync(ToolFile file, LocalBackendHost host, string local)
    {
        ProjectSettings project = new(host.Url, host.PublishableKey, Email, Password, local);
        using var session = EngineFactory.CreateSession(project, NullLoggerFactory.Instance);
        await session.SignInAsync(Email, Password, Cancelled);
        await using var engine = EngineFactory.Create(file, project, session, new SyncSettings(), NullLoggerFactory.Instance);
        (await engine.SyncAsync(new SyncRequest(), cancellationToken: Cancelled)).EnsureCompleted();
        SqliteConnection.ClearAllPools();
    }

    private static async Task SignUpAsync(LocalBackendHost host)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(host.Url, "auth/v1/signup"))
        {
            Content = JsonContent.Create(new JsonObject { ["email"] = Email, ["password"] = Password }),
        };
        request.Headers.Add("apikey", host.PublishableKey);
        (await http.SendAsync(request, Cancelled)).EnsureSuccessStatusCode();
    }

    private static async Task RunAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    /// <summary>Every cell in one spelling: what the local file is documented to hold.</summary>
    private static async Task<string[]> ServerAsync(NpgsqlDataSource database, Dataset dataset)
    {
        var cells = dataset.Columns.Select(static column => column.Type switch
        {
            ColumnType.Boolean => $"(\"{column.Name}\"::int)::text",
            ColumnType.Json => $"replace(to_jsonb(\"{column.Name}\")::text, ' ', '')",
            ColumnType.Numeric => $"trim_scale(\"{column.Name}\")::text",
            ColumnType.Timestamptz => $"to_char(\"{column.Name}\" at time zone 'UTC', 'YYYYMMDDHH24MISSUS')",
            ColumnType.Uuid => $"lower(\"{column.Name}\"::text)",
            _ => $"\"{column.Name}\"::text",
        });
        await using var command = database.CreateCommand($"select concat_ws('|', {string.Join(", ", cells.Select(static cell => $"coalesce({cell}, 'null')"))}) from public.\"{dataset.RemoteTable}\"");
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        List<string> rows = [];
        while (await reader.ReadAsync(Cancelled))
        {
            rows.Add(reader.GetString(0));
        }

        return [.. rows.Order(StringComparer.Ordinal)];
    }

    private static async Task<string[]> LocalAsync(string path, Dataset dataset)
    {
        await using SqliteConnection connection = new($"Data Source={path};Pooling=False");
        await connection.OpenAsync(Cancelled);
        await using var command = connection.CreateCommand();
        command.CommandText = $"select {string.Join(", ", dataset.Columns.Select(static column => $"\"{column.Name}\""))} from \"{dataset.LocalTable}\"";
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        List<string> rows = [];
        while (await reader.ReadAsync(Cancelled))
        {
            rows.Add(string.Join('|', dataset.Columns.Select((column, ordinal) => Text(reader.GetValue(ordinal), column.Type))));
        }

        return [.. rows.Order(StringComparer.Ordinal)];
    }

    private static string Text(object value, ColumnType type) => (value, type) switch
    {
        (DBNull, _) => "null",
        (string text, ColumnType.Numeric) => decimal.Parse(text, CultureInfo.InvariantCulture).ToString("G29", CultureInfo.InvariantCulture),
        (string text, ColumnType.Json) => text.Replace(" ", "", StringComparison.Ordinal),
        (string text, ColumnType.Uuid) => text.ToLowerInvariant(),
        (string text, ColumnType.Timestamptz) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).UtcDateTime.ToString("yyyyMMddHHmmssffffff", CultureInfo.InvariantCulture),
        (double number, _) => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
