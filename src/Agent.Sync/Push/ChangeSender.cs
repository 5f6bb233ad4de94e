using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Kit;
using Agent.Sync.Push.Sending;

namespace Agent.Sync.Push;

/// <summary>Sends batches, each in the form that its changes need.</summary>
internal sealed class ChangeSender
{
    private readonly BatchBounds _bounds;
    private readonly Bisection _kit;
    private readonly Bisection _bulk;
    private readonly Bisection _upserts;
    private readonly SingleSender _singles;

    public ChangeSender(PushContext context, BatchBounds bounds, BatchRowLimit limit)
    {
        _bounds = bounds;
        var calls = new PushCalls(context);
        var url = new PushUrl(context.Dataset);
        var readBack = new ReadBack(calls, url);
        var grants = new GrantProbe(calls);
        var policy = context.ConflictPolicy;
        var overwrites = policy == ConflictPolicy.LocalWins;
        _singles = new SingleSender(calls, url, readBack, grants, context, overwrites);
        _kit = Bisect(new KitPush(calls, policy, context.Run.Options.MaxJsonDepth));
        _bulk = Bisect(new BulkCall(calls, url, readBack, grants, _singles, overwrites));
        _upserts = Bisect(new BulkCall(calls, url, readBack, grants, _singles, overwrites));

        Bisection Bisect(IBatchCall call) => new(call, context, limit);
    }

    public Task SendAsync(BatchResult result, CancellationToken cancellationToken) =>
        _bounds.FormOf(result.Batch.Changes.Span[0].Kind) switch
        {
            SendForm.Kit => _kit.RunAsync(result, cancellationToken),
            SendForm.Bulk when result.Batch.Changes.Span[0].Kind == ChangeKind.Update => _upserts.RunAsync(result, cancellationToken),
            SendForm.Bulk => _bulk.RunAsync(result, cancellationToken),
            _ => _singles.RunAsync(result, cancellationToken),
        };
}
