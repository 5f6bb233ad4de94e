namespace Agent.Sync.Tests.Attack;

/// <summary>Fails a test on any exception that an app could not expect: everything but the library's own.</summary>
internal static class OnlyTyped
{
    /// <summary>Runs something that gets no cause for misuse or cancellation, and returns the library's failure; null when it went well.</summary>
    public static async Task<SyncException?> RunAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (SyncException exception)
        {
            Check(exception);
            return exception;
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.IAssertionException)
        {
            throw new InvalidOperationException($"A raw {exception.GetType().Name} came out: {exception}");
        }
    }

    /// <summary>The message says something to do, the code is a code, and no raw exception's text comes along but that of a store's or a file's own failure.</summary>
    private static void Check(SyncException exception)
    {
        Assert.False(string.IsNullOrWhiteSpace(exception.Message), "A failure without a message.");
        Assert.True(exception.Code is null or { Length: <= 64 }, "A code that is no code.");
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            Assert.True(exception is SyncStoreException, $"{exception.GetType().Name} holds a {inner.GetType().Name}, which may quote what the server sent.");
        }
    }
}
