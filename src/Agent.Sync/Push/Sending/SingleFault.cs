using System.Runtime.ExceptionServices;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;

namespace Agent.Sync.Push.Sending;

/// <summary>What the refusal of a single change means for it.</summary>
internal static class SingleFault
{
    /// <exception cref="SyncException">It says nothing about the change, or the database cannot do even one: the run fails.</exception>
    public static ChangeOutcome Judge(int index, WriteFault fault, SyncException failure)
    {
        // An answer that is too large comes without a code: the change itself may be fine.
        if (fault is WriteFault.None or WriteFault.TooSlow || failure.Code is null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return new ChangeOutcome(index, OutcomeOf(fault), Code: failure.Code, Constraint: failure.Column);
    }

    public static OutcomeKind OutcomeOf(WriteFault fault) => fault switch
    {
        WriteFault.MissingParent or WriteFault.ValueTaken => OutcomeKind.Deferred,

        // Without a reason of its own, a refusal is never a row's fault: what is left of these in the end fails the run.
        WriteFault.Undecided or WriteFault.Busy or WriteFault.None or WriteFault.TooSlow => OutcomeKind.Undecided,
        _ => OutcomeKind.Rejected,
    };
}
