namespace BenchmarkSuite.Peers;

/// <summary>Who is measured. The programs are what eng/bench.sh has published.</summary>
internal static class PeerCatalog
{
    /// <summary>The peer that ratios are against.</summary>
    public const string Reference = "supabase-js";

    public static IReadOnlyList<Peer> All(string root)
    {
        var published = Path.Combine(root, "artifacts", "bench");
        var node = Path.Combine(root, "benchmarks", "peers", "node");
        string[] Jit(string name, string assembly) => ["dotnet", Path.Combine(published, $"{name}-jit", $"{assembly}.dll")];
        return
        [
            Product("agent-sync-packages", "Agent.Sync, JIT, its packages", ["dotnet", Path.Combine(published, "agent-sync-packages", "agent-sync-peer.dll")]),
            Product("agent-sync-jit", "Agent.Sync, JIT, no images", Jit("agent-sync", "agent-sync-peer")),
            Product("agent-sync-r2r", "Agent.Sync, ReadyToRun app", [Path.Combine(published, "agent-sync-ready-to-run", "agent-sync-peer")]),
            Product("agent-sync-aot", "Agent.Sync, NativeAOT", [Path.Combine(published, "agent-sync-native", "agent-sync-peer")]) with { IsOverDistance = true },
            Product("agent-sync-aot-default", "Agent.Sync, NativeAOT, no fixed page", [Path.Combine(published, "agent-sync-native", "agent-sync-peer")]) with
            {
                PullVerb = "pull-default",
                IsOverDistance = true,
            },
            Product("agent-sync-kit-packages", "Agent.Sync, SQL kit, JIT, its packages", ["dotnet", Path.Combine(published, "agent-sync-packages", "agent-sync-peer.dll")]) with { NeedsKit = true, LeavesOut = "nothing: the exact grade" },
            Product("agent-sync-kit-aot", "Agent.Sync, SQL kit, NativeAOT", [Path.Combine(published, "agent-sync-native", "agent-sync-peer")]) with
            {
                NeedsKit = true,
                LeavesOut = "nothing: the exact grade",
            },
            new Peer
            {
                Id = Reference,
                Title = "supabase-js loop",
                IsOverDistance = true,
                Stores = "SQLite (better-sqlite3), a transaction a page",
                LeavesOut = "late commits, real deletes, conflicts are only skipped, a lost answer",
                Program = ["node", Path.Combine(node, "supabase-loop.mjs")],
                Edits = LocalEdits.ByColumn,
            },
            new Peer
            {
                Id = "supabase-js-naive",
                Title = "supabase-js, naive",
                Stores = "SQLite (better-sqlite3), a transaction a page",
                LeavesOut = "rows of one timestamp across pages, a server cap below the page size, late commits, real deletes, others' edits are overwritten",
                Program = ["node", Path.Combine(node, "supabase-naive.mjs")],
                Edits = LocalEdits.ByColumn,
            },
            new Peer
            {
                Id = "dotnet-loop",
                Title = "HttpClient loop",
                Stores = "SQLite (Microsoft.Data.Sqlite), a transaction a page, typed rows",
                LeavesOut = "late commits, real deletes, conflicts are only skipped, a lost answer",
                Program = Jit("dotnet-loop", "dotnet-loop"),
                Edits = LocalEdits.ByColumn,
            },
            new Peer
            {
                Id = "dotnet-loop-tuned",
                Title = "HttpClient loop, tuned",
                Stores = "SQLite (Microsoft.Data.Sqlite), 10,000 rows a transaction, 16 KiB pages, reads ahead",
                LeavesOut = "as the one above",
                Program = Jit("dotnet-loop", "dotnet-loop"),
                PullVerb = "tuned-pull",
                PushVerb = "tuned-push",
                Edits = LocalEdits.ByColumn,
            },
            new Peer
            {
                Id = "rxdb",
                Title = "RxDB, Supabase plugin",
                Kind = PeerKind.Session,
                Stores = "memory, its free storage for Node; one process for all runs of a round",
                LeavesOut = "a durable store, columns of JSON (kept as text), real deletes, late commits, a bulk request for pushes",
                Program = ["node", Path.Combine(node, "rxdb.mjs")],
                Table = "artifacts_rxdb",
                Setup = Path.Combine(node, "rxdb.sql"),
            },
            new Peer
            {
                Id = "dotmim",
                Title = "Dotmim.Sync, direct SQL",
                Stores = "SQLite, with tracking tables and triggers on both sides",
                LeavesOut = "the API and row-level security: every client is the database's owner; columns of JSON (kept as text); late commits",
                Program = Jit("dotmim", "dotmim-peer"),
                Edits = LocalEdits.ByTriggers,
                Table = "artifacts_dotmim",
                LocalTable = "artifacts_dotmim",
                Setup = Path.Combine(root, "benchmarks", "peers", "dotmim", "dotmim.sql"),
            },
            Limit("psql", "psql \\copy", ["bash", Path.Combine(root, "benchmarks", "peers", "psql", "copy.sh")]),
            Limit("drain-jit", "bare HTTP loop, JIT", Jit("dotnet-loop", "dotnet-loop")),
            Limit("drain-aot", "bare HTTP loop, NativeAOT", [Path.Combine(published, "dotnet-loop-native", "dotnet-loop")]) with { IsOverDistance = true },
        ];
    }

    private static Peer Product(string id, string title, IReadOnlyList<string> program) => new()
    {
        Id = id,
        Title = title,
        Stores = "SQLite, 10,000 rows a transaction, triggers that record edits",
        LeavesOut = "without the kit: commits later than the overlap of 5 minutes, real deletes until a full resync",
        Program = program,
        Edits = LocalEdits.ByTriggers,
    };

    private static Peer Limit(string id, string title, IReadOnlyList<string> program) => new()
    {
        Id = id,
        Title = title,
        Kind = PeerKind.Limit,
        Stores = "nothing",
        LeavesOut = "everything but reading",
        PullVerb = "drain",
        Program = program,
    };
}
