namespace Agent.Sync.Engine;

/// <summary>Says in the library's words that the app took a part of the engine away while it was used.</summary>
internal static class DisposedPart
{
    /// <exception cref="SyncStoreException">A store or the handler was disposed.</exception>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (ObjectDisposedException exception)
        {
            throw new SyncStoreException(
                SyncErrorKind.StoreFailed,
                $"A part of the engine was disposed while it was used ({exception.ObjectName}). Everything committed stays. Dispose the engine, which ends its runs, before its stores and its handler.",
                innerException: exception);
        }
    }
}
