using System.Runtime.ExceptionServices;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;

namespace Agent.Sync.Push.Sending;

/// <summary>What the refusal of a single change means for it.</summary>
internal static class SingleFault
{
    /// <exception cref="SyncException">It says nothing about the change, or the database cannot do even one: the run fails.</exception>
    public static Verdict Judge(int index, WriteFault fault, SyncException failure)
    {
        // An answer that is too large comes without a code: the change itself may be fine.
        if (fault is WriteFault.None or WriteFault.TooSlow || failure.Code is null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return new Verdict(index, VerdictOf(fault), Code: failure.Code, Constraint: failure.Column);
    }

    public static VerdictKind VerdictOf(WriteFault fault) => fault switch
    {
        WriteFault.MissingParent or WriteFault.ValueTaken => VerdictKind.Deferred,

        // Without a row's own reason it is never a row's: what is left of them in the end fails the run.
        WriteFault.Undecided or WriteFault.Busy or WriteFault.None or WriteFault.TooSlow => VerdictKind.Undecided,
        _ => VerdictKind.Rejected,
    };
}
