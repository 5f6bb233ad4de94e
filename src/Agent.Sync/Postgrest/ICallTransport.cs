namespace Agent.Sync.Postgrest;

/// <summary>Sends single calls other than page requests for one run: writes, look-ups by key, functions.</summary>
internal interface ICallTransport
{
    /// <summary>Sends one call, with its retries, and returns its whole answer.</summary>
    /// <exception cref="SyncException">Every failure, typed, with the server's code; batches are the caller's to halve or bisect.</exception>
    Task<CallAnswer> CallAsync(ApiCall call, CancellationToken cancellationToken);
}
