using Agent.Sync.Sqlite;
using Agent.Sync.Testing;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.EntityFrameworkCore.Tests;

/// <summary>A file of one test, and engines that sync it.</summary>
public abstract class FileTest : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agent-sync-ef-");

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected string FilePath => PathOf("app.db");

    protected string PathOf(string file) => Path.Combine(_folder.FullName, file);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static SyncEngine EngineOf(PostgrestDouble server, string file, Action<SyncEngineBuilder> addDatasets)
    {
        var builder = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = PostgrestDouble.Url;
                options.ApiKey = PostgrestDouble.ApiKey;
                options.AccessTokenProvider = (_, _) => new(new AccessToken(server.CreateToken("user")));
            })
            .UseSqlite(file, static options => options.CreateMissingTables = false)
            .UseHttpMessageHandler(server);
        addDatasets(builder);
        return builder.Build();
    }

    /// <summary>Returns rows as SQLite's own literals, which tell values and their storage apart.</summary>
    protected static IReadOnlyDictionary<string, string> Literals(string file, string table)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own names.
        command.CommandText = $"SELECT group_concat(name) FROM pragma_table_info('{table}')";
        var columns = ((string)command.ExecuteScalar()!).Split(',');
        command.CommandText = $"SELECT {string.Join(", ", columns.Select(static column => $"quote(\"{column}\")"))} FROM \"{table}\"";
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        return columns.Select((column, index) => (column, Value: reader.GetString(index))).ToDictionary(static pair => pair.column, static pair => pair.Value);
    }

    protected static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
