using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;

namespace Agent.Sync.Pull;

/// <summary>The bounds of the exact grade: nothing below the horizon can still appear, and everything committed lies below the next transaction id.</summary>
internal sealed class HorizonBounds : PassBounds
{
    private readonly Horizon _horizon;

    public HorizonBounds(Horizon horizon)
    {
        _horizon = horizon;
        Ceiling = horizon.Next - 1;
        Settled = horizon.Value;
        SettledText = CursorNumber.FormatInteger(horizon.Value);
    }

    public override DateTimeOffset? Time => _horizon.ServerTime;

    public override void See(PulledPage page)
    {
        // The horizon was read before the pass.
    }

    public override TimeSpan AgeOf(CheckpointState state) => _horizon.Age;
}
