using Agent.Sync.Sqlite;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Tests.Docs;

/// <summary>What the pages under docs/ show. Compiled, not run: they need a project.</summary>
internal static class GuideSnippets
{
    public static Dataset DefineDataset()
    {
        // snippet: dataset
        var artifacts = Dataset.Define("artifacts")
            .Key("id", ColumnType.Uuid)
            .Column("name", ColumnType.Text)
            .Column("price", ColumnType.Numeric)
            .Column("metadata", ColumnType.Json)
            .UpdatedAt("updated_at")
            .Version("version")
            .DeletedAt("deleted_at")
            .Build();
        // end snippet
        return artifacts;
    }

    public static Dataset DefineLocalNames()
    {
        // snippet: local-names
        var tasks = Dataset.Define("tasks").ToTable("Tasks")
            .Key("id", ColumnType.Uuid, local: "Id")
            .Column("due_at", ColumnType.Timestamptz, local: "DueAt")
            .UpdatedAt("updated_at", local: "UpdatedAt")
            .Version("version", local: "Version")
            .Build();
        // end snippet
        return tasks;
    }

    public static SyncResult MakeResult()
    {
        // snippet: result
        var result = new SyncResult
        {
            Outcome = SyncOutcome.MassDeleteRefused,
            Grade = CompletenessGrade.Overlap,
            Datasets = [],
            Duration = TimeSpan.FromSeconds(3),
            PeakMemoryBytes = 80_000_000,
        };
        // end snippet
        return result;
    }

    public static async Task<VerifyResult> VerifyAsync(ISyncEngine engine)
    {
        // snippet: verify
        VerifyResult report = await engine.VerifyAsync("artifacts");
        if (!report.IsClean)
        {
            report = await engine.VerifyAsync("artifacts", new VerifyOptions { Repair = true });
        }

        // end snippet
        return report;
    }

    public static void UseAKey(SyncEngineBuilder builder, IAppSecrets secrets)
    {
        // snippet: key
        builder.UseSqlite("artifacts.db", options => options.Key = async cancellationToken => await secrets.ReadAsync("artifacts", cancellationToken));
        // end snippet
    }

    public static string ConnectionStringOf(string key)
    {
        // snippet: password
        var connectionString = new SqliteConnectionStringBuilder { DataSource = "artifacts.db", Password = key }.ToString();
        // end snippet
        return connectionString;
    }

    public static async Task<string?> ReadWithAdoNet(Guid id)
    {
        // snippet: ado-net
        await using var connection = new SqliteConnection("Data Source=artifacts.db");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM artifacts WHERE id = $id";
        command.Parameters.AddWithValue("$id", id);
        var name = (string?)await command.ExecuteScalarAsync();
        // end snippet
        return name;
    }

    public static void UseSession(SyncOptions options, IAppSession session)
    {
        // snippet: token-delegate
        options.AccessTokenProvider = async (refused, cancellationToken) =>
        {
            // Not null after a 401: the server did not take that token, so get a new one.
            if (refused is not null)
            {
                await session.RefreshAsync(cancellationToken);
            }

            return session.AccessToken is { } jwt ? new AccessToken(jwt) : null;
        };
        // end snippet
    }

    public static SyncEngine BuildForTheLocalSide(SyncEngineBuilder builder) => builder
        // snippet: tutorial-policy
        .Configure(options => options.Push.ConflictPolicy = ConflictPolicy.LocalWins)
        // end snippet
        .Build();

    public static async Task MeetTheQuarantine(SyncEngine laptop, string id, Func<string, string, string, string?> Ask)
    {
        // snippet: tutorial-quarantine
        Ask("laptop.db", "update artifacts set size = -1 where id = $id returning size", id);
        Console.WriteLine($"laptop  {await laptop.SyncAsync()}");
        await foreach (var change in laptop.ReadChangesAsync("artifacts", ChangeState.Quarantined))
        {
            Console.WriteLine($"{change}: {change.Code} {change.Constraint}");
        }

        await laptop.DiscardChangesAsync("artifacts");
        // end snippet
    }

    public static async Task Diagnose(ISyncEngine engine)
    {
        // snippet: diagnose
        var diagnosis = await engine.DiagnoseAsync();
        foreach (var finding in diagnosis.Findings.Where(finding => finding.Severity >= FindingSeverity.Warning))
        {
            Console.WriteLine($"{finding.Dataset} {finding.What} {finding.Why}\n  {finding.Mend}");
        }
        // end snippet
    }

    public static async Task Explain(ISyncEngine engine)
    {
        // snippet: explain
        var row = await engine.ExplainAsync("notes", """{"id":"0f8fad5b-d9cb-469f-a165-70867728950e"}""");
        Console.WriteLine($"{row.State}: {row.Describe()}");
        // end snippet
    }
}
