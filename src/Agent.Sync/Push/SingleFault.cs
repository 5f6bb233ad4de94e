using System.Runtime.ExceptionServices;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Push;

/// <summary>What the failure of a request with a single change means for the change.</summary>
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

        return new Verdict(index, fault == WriteFault.MissingParent ? VerdictKind.Deferred : VerdictKind.Rejected, Code: failure.Code);
    }
}
