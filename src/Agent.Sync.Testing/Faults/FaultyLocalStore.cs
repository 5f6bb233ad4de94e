using Agent.Sync.Stores;

namespace Agent.Sync.Testing;

/// <summary>A local store whose calls fail, or die, by plan.</summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="plan">The plan. Points: <c>name:before</c> and <c>name:after</c> of every call.</param>
public sealed class FaultyLocalStore(ILocalStore inner, FaultPlan plan) : FaultyStore(inner, plan);
