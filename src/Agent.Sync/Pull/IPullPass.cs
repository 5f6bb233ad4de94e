using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>One way through a dataset: which pages, when it is over, and what its checkpoint says then.</summary>
internal interface IPullPass
{
    Dataset Dataset { get; }

    PageContent Content { get; }

    SyncPhase Phase { get; }

    /// <summary>Gets a value indicating whether the pass removes local rows that nothing else guards.</summary>
    bool MayRemove { get; }

    /// <summary>Gets the key ranges to read; null for a pass in the order of change.</summary>
    IReadOnlyList<KeyRange>? Ranges { get; }

    /// <summary>Gets where a pass in the order of change starts; null at the first row, and for a pass over key ranges.</summary>
    CursorPosition? Start { get; }

    /// <summary>Takes the next page, in the order of arrival, and tells whether the pass ends with it.</summary>
    /// <exception cref="SyncException">The page is refused: its rows must not be applied.</exception>
    bool EndsAfter(PulledPage page);

    /// <summary>Returns what the checkpoint says once a group is applied.</summary>
    CheckpointState Advance(CheckpointState state, PageGroup group);
}
