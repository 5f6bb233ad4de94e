using Agent.Sync.Checkpoints;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Pull;

/// <summary>A pass that says of each page, by its number from 0, whether it is the last; endless unless told otherwise.</summary>
internal sealed class ScriptedPass : IPullPass
{
    private int _pages;

    public Func<int, bool> Ends { get; set; } = static _ => false;

    public Dataset Dataset => Items.Dataset;

    public PageContent Content => PageContent.Rows;

    public bool MayRemove => false;

    public IReadOnlyList<KeyRange>? Ranges => null;

    public CursorPosition? Start => null;

    public SyncPhase Phase => SyncPhase.Delta;

    public bool EndsAfter(PulledPage page) => Ends(_pages++);

    public CheckpointState Advance(CheckpointState state, PageGroup group) => state;
}
