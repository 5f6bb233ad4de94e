namespace Agent.Sync.Stores;

/// <summary>The holder of a lease: an engine in a process on a machine.</summary>
/// <param name="Machine">A hash that names the machine and its boot, so that process numbers can be compared.</param>
/// <param name="ProcessId">The process's number.</param>
/// <param name="ProcessStarted">The process's start, in ticks or jiffies: process numbers are reused, start times are not.</param>
/// <param name="Instance">The engine within the process, so that two engines in one process exclude each other too.</param>
public sealed record LeaseOwner(string Machine, int ProcessId, long ProcessStarted, Guid Instance);
