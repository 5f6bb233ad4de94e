using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;

namespace Agent.Sync.Pull;

/// <summary>The bounds of the exact grade: nothing below the horizon can still appear, and what is committed lies little above the next transaction id at most.</summary>
internal sealed class HorizonBounds : PassBounds
{
    // Where an older transaction writes a row last, the row's stamp rises by one: a row can be ahead of the next id by as many
    // as there were transactions open at once. With no room for that, many such rows on a quiet server would never all be read.
    private const long MostOpenTransactions = 1_000;

    private readonly Horizon _horizon;

    public HorizonBounds(Horizon horizon)
    {
        _horizon = horizon;
        Ceiling = horizon.Next + MostOpenTransactions;
        Safe = horizon.Value;
        SafeText = CursorNumber.FormatInteger(horizon.Value);
    }

    public override DateTimeOffset? Time => _horizon.ServerTime;

    public override void SetFrom(PulledPage page)
    {
        // The horizon was read before the pass.
    }

    public override TimeSpan AgeOf(CheckpointState state) => _horizon.Age;
}
