namespace Agent.Sync.ShapeTests.Histories;

/// <summary>One step of a history. What it does is drawn from its own seed, so that leaving out another step changes nothing here.</summary>
internal sealed record Step(int Number, StepKind Kind, int Device, int Seed);

internal enum StepKind
{
    Sync,

    /// <summary>A run that ends before its time.</summary>
    KilledSync,
    FullResync,
    Status,
    Edit,
    ServerEdit,
    CreateIndex,
    CreateTrigger,
    Rebuild,
    RenameColumn,
    DropColumn,
    AddColumn,

    /// <summary>The dataset begins to declare a column.</summary>
    DeclareColumn,

    /// <summary>The dataset no longer declares a column.</summary>
    LeaveColumnOut,
    Retry,
    Discard,
}
