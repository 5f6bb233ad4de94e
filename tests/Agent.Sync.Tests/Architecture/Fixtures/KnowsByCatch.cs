namespace Agent.Sync.Tests.Architecture.Fixtures;

internal static class KnowsByCatch
{
    internal static bool Fails(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (TargetException)
        {
            return true;
        }
    }
}
