namespace Agent.Sync.Tests.Architecture.Fixtures;

internal static class KnowsBySwitch
{
    // The jump table and the wide constants stand before the reference: a walk that loses its step misses it.
    internal static object Pick(int number) => number switch
    {
        0 => 0.5,
        1 => long.MaxValue,
        2 => "two",
        3 => 1.5f,
        4 => 'x',
        5 => decimal.One,
        _ => new Target(),
    };
}
