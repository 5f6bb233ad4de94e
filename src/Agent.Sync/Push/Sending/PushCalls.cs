using System.Diagnostics;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Push.Sending;

/// <summary>Sends the requests of one dataset's push, each with its span, its log line and its bytes recorded.</summary>
internal sealed class PushCalls(PushContext context)
{
    // The process may be suspended between two attempts; another writer that took over meanwhile may have sent a newer edit of the row.
    private readonly Func<ValueTask> _keepLease = context.Lease.RenewIfDueAsync;

    public Dataset Dataset => context.Dataset;

    public async Task<CallAnswer> SendAsync(ApiCall call, int changes, CancellationToken cancellationToken)
    {
        using var activity = SyncDiagnostics.Source.StartActivity("sync push", ActivityKind.Client);
        activity?.SetTag("dataset", Dataset.Name);
        activity?.SetTag("changes", changes);
        var started = context.Run.Seams.Time.GetTimestamp();
        var answer = await context.Transport.CallAsync(call, cancellationToken).ConfigureAwait(false);
        context.Run.Metrics.RecordAnswer(Dataset.Name, answer.Body.Length);
        if (context.Run.Log.IsEnabled(LogLevel.Debug))
        {
            PushLog.Answered(
                context.Run.Log, Dataset.Name, call.Method.Method, changes, call.Body.Length, context.Run.Seams.Time.GetElapsedTime(started).TotalMilliseconds);
        }

        return answer;
    }

    /// <summary>Sends one request and reads its answer as rows of the dataset, kept until the batch is settled.</summary>
    public async Task<Page> SendForRowsAsync(BatchResult result, ApiCall call, int changes, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(call, changes, cancellationToken).ConfigureAwait(false);
        return Read(result, answer, isWritten: call.Method != HttpMethod.Get);
    }

    /// <summary>Reads an answer as rows of the dataset, kept until the batch is settled.</summary>
    /// <param name="result">Keeps them.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="isWritten">Whether the request wrote the rows.</param>
    public Page Read(BatchResult result, CallAnswer answer, bool isWritten)
    {
        var page = result.Keep(answer.ToPage(Dataset, context.Run.Options.MaxJsonDepth));
        result.RecordWritten(page, isWritten ? answer.ServerTime : null);
        return page;
    }

    public ApiCall Write(HttpMethod method, string path, ReadOnlyMemory<byte> body, string? prefer) => new()
    {
        Method = method,
        PathAndQuery = path,
        Schema = Dataset.Schema,
        Dataset = Dataset,
        Body = body,
        Prefer = prefer,
        BeforeAttempt = _keepLease,
    };

    public ApiCall Read(string path) => new() { Method = HttpMethod.Get, PathAndQuery = path, Schema = Dataset.Schema, Dataset = Dataset };
}
