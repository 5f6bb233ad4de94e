using System.Text;

namespace Agent.Sync.Tests.Docs;

/// <summary>The resolver that docs/push.md shows, compiled and run.</summary>
public sealed class PushSnippetTests
{
    private const string Mine = """{"id":"11111111-1111-1111-1111-111111111111","title":"mine","text":"a","updated_at":"2026-01-01T00:00:00+00:00"}""";
    private const string Theirs = """{"id":"11111111-1111-1111-1111-111111111111","title":"theirs","text":"b","updated_at":"2026-01-02T00:00:00+00:00"}""";

    [Fact]
    public async Task Resolver_BothSidesHaveARow_MergesThem()
    {
        var decision = await ResolveAsync(Mine, Theirs);

        Assert.Equal(ConflictWinner.Merged, decision.Winner);
        Assert.Contains("\"title\":\"theirs\",\"text\":\"b\\na\"", Encoding.UTF8.GetString(decision.MergedRow.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolver_OneSideDeleted_KeepsTheOther()
    {
        Assert.Equal(ConflictWinner.Local, (await ResolveAsync(Mine, string.Empty)).Winner);
        Assert.Equal(ConflictWinner.Server, (await ResolveAsync(string.Empty, Theirs)).Winner);
    }

    private static async Task<ConflictDecision> ResolveAsync(string mine, string theirs)
    {
        var options = new SyncOptions();
        SetResolver(options);
        var conflict = new Conflict("notes", default, Encoding.UTF8.GetBytes(mine), Encoding.UTF8.GetBytes(theirs));
        return await options.Push.ConflictResolver!(conflict, TestContext.Current.CancellationToken);
    }

    private static void SetResolver(SyncOptions options)
    {
        // snippet: resolver
        options.Push.ConflictPolicy = ConflictPolicy.Resolver;
        options.Push.ConflictResolver = (conflict, cancellationToken) =>
        {
            var mine = conflict.ReadLocal(NotesJson.Default.Note);
            var theirs = conflict.ReadServer(NotesJson.Default.Note);

            // Null: deleted on that side.
            if (mine is null || theirs is null)
            {
                return ValueTask.FromResult(theirs is null ? ConflictDecision.LocalWins : ConflictDecision.ServerWins);
            }

            // Both texts survive; the title is the server's.
            var merged = theirs with { Text = $"{theirs.Text}\n{mine.Text}" };
            return ValueTask.FromResult(ConflictDecision.Merge(merged, NotesJson.Default.Note));
        };
        // end snippet
    }
}
