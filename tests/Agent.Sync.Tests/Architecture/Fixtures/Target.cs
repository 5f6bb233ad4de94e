namespace Agent.Sync.Tests.Architecture.Fixtures;

internal class Target
{
    public static int Number => 7;
}
