namespace Agent.Sync.Tests.Postgrest;

internal static class Never
{
    /// <summary>Ends by cancellation only, and then inline: a delay would hop to the thread pool.</summary>
    public static async Task Ends(CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource();
        using (cancellationToken.Register(() => never.TrySetCanceled(cancellationToken)))
        {
            await never.Task;
        }
    }
}
