using DotnetLoop;
using Peers;

// Verbs: pull and push as people write them, tuned-pull and tuned-push with the page size and the commit policy of Agent.Sync's store, drain.
var job = PeerJob.Read(args);
using Table table = new(job);
if (job.Verb == "drain")
{
    PeerReport.Write(await Drain.RunAsync(table, job.PageSize));
    return;
}

var isTuned = job.Verb.StartsWith("tuned-", StringComparison.Ordinal);
using LocalDatabase local = new(job.File, pageBytes: isTuned ? 16_384 : 4_096);
PeerReport.Write(job.Verb.EndsWith("push", StringComparison.Ordinal)
    ? await PushLoop.RunAsync(table, local)
    : await new PullLoop(table, local, job.PageSize, rowsPerCommit: isTuned ? 10_000 : 0, readsAhead: isTuned).RunAsync());
