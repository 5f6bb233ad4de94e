using System.Runtime.ExceptionServices;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Sending;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Kit;

/// <summary>Sends changes of any kind to the SQL kit's push function, which answers with an outcome for each.</summary>
internal sealed class KitPush(PushCalls calls, ConflictPolicy policy, int maxJsonDepth) : IBatchCall
{
    private const string Schema = "agent_sync";
    private const string Function = "rpc/push";

    private int _lastLength;

    public async Task<CallAnswer> SendAsync(ReadOnlyMemory<PendingChange> changes, CancellationToken cancellationToken)
    {
        using var body = new PooledBytes(_lastLength);
        KitBody.Write(body, calls.Dataset, changes.Span, policy);
        _lastLength = body.Written.Length;
        try
        {
            var call = calls.Write(HttpMethod.Post, Function, body.Written, prefer: null) with { Schema = Schema };
            return await calls.SendAsync(call, changes.Length, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            body.Abandon();
            throw;
        }
    }

    public Task TakeAsync(CallAnswer answer, BatchResult result, int start, int count, CancellationToken cancellationToken)
    {
        KitAnswer.Read(calls.Dataset, answer.Body.Span, result, start, count, maxJsonDepth);
        return Task.CompletedTask;
    }

    // The function answers for a refused row; that it refused the call is about the table.
    public Task RequireGrantAsync(SyncException refusal, PendingChange first, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo.Throw(refusal);
        return Task.CompletedTask;
    }
}
