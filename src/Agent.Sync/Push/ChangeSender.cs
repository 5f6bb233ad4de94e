using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Kit;
using Agent.Sync.Push.Sending;

namespace Agent.Sync.Push;

/// <summary>Sends units, each in the form that its changes need.</summary>
internal sealed class ChangeSender
{
    private readonly UnitSize _size;
    private readonly Bisection _kit;
    private readonly Bisection _bulk;
    private readonly Bisection _upserts;
    private readonly SingleSender _singles;

    public ChangeSender(PushContext context, UnitSize size, BatchLimit limit, PushStop stop)
    {
        _size = size;
        var calls = new PushCalls(context);
        var url = new PushUrl(context.Dataset);
        var readBack = new ReadBack(calls, url);
        var grants = new GrantProbe(calls);
        var policy = context.Options.Push.ConflictPolicy;
        var overwrites = policy == ConflictPolicy.LocalWins;
        _singles = new SingleSender(calls, url, readBack, grants, stop, context.Seams.Time, overwrites);
        _kit = Bisect(new KitPush(calls, policy, context.Options.MaxJsonDepth));
        _bulk = Bisect(new BulkCall(calls, url, readBack, grants, _singles, overwrites));
        _upserts = Bisect(new BulkCall(calls, url, readBack, grants, _singles, overwrites));

        Bisection Bisect(IBatchCall call) => new(call, limit, stop, context.Dataset.Name, context.Log);
    }

    public Task SendAsync(UnitResult result, CancellationToken cancellationToken) =>
        _size.FormOf(result.Unit.Changes.Span[0].Kind) switch
        {
            SendForm.Kit => _kit.RunAsync(result, cancellationToken),
            SendForm.Bulk when result.Unit.Changes.Span[0].Kind == ChangeKind.Update => _upserts.RunAsync(result, cancellationToken),
            SendForm.Bulk => _bulk.RunAsync(result, cancellationToken),
            _ => _singles.RunAsync(result, cancellationToken),
        };
}
