using Agent.Sync.Postgrest;

namespace Agent.Sync.Push;

/// <summary>Refusals that are about no row, in words that say what to do.</summary>
internal static class PushFailure
{
    public static SyncException NobodysFault(Dataset dataset, string code)
    {
        var isBusy = code.Length == 5 && ErrorClassifier.FaultOfSqlState(code) == WriteFault.Busy;
        var reason = isBusy ? $"Other transactions held rows of '{dataset.Name}' for longer than the retries last ({code})."
            : ErrorClassifier.MayBeRows(code) ? $"The server refused every change of '{dataset.Name}' that was sent, all of them with {code}: that is about the table, its triggers or its policies, and not about a row."
            : $"The server refused changes of '{dataset.Name}' with {code}, which is about the server, the table or its triggers, and not about a row.";
        var message = $"{reason} Nothing of it is in quarantine: the changes wait. {(isBusy ? "Sync again." : "Look at the database's log for this code; when the reason is gone, sync again.")}";
        return ErrorClassifier.Classify(code.Length == 5 ? 500 : 422, code, isWrite: true).Kind switch
        {
            SyncErrorKind.BadRequest => new SyncProtocolException(SyncErrorKind.BadRequest, message, dataset.Name, code),
            SyncErrorKind.RemoteSchema => new SyncSchemaException(SyncErrorKind.RemoteSchema, message, dataset.Name, code),
            _ => new SyncTransportException(SyncErrorKind.ServerError, message, dataset.Name, code, isTransient: isBusy),
        };
    }
}
