namespace Agent.Sync.Tests.Architecture.Fixtures;

internal static class KnowsByAsyncBody
{
    internal static async Task<object> LaterAsync(Task before)
    {
        await before;
        return new Target();
    }
}
