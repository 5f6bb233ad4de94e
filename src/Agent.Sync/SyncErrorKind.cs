namespace Agent.Sync;

/// <summary>The kind of failure, for code. The message is for people.</summary>
public enum SyncErrorKind
{
    /// <summary>The server could not be reached, or the connection broke.</summary>
    Unreachable,

    /// <summary>An attempt, or the whole request with its retries, took too long.</summary>
    Timeout,

    /// <summary>The server asked to slow down (429) for longer than the retries allow.</summary>
    RateLimited,

    /// <summary>The server failed (5xx).</summary>
    ServerError,

    /// <summary>The breaker is open after too many failures: nothing was sent.</summary>
    CircuitOpen,

    /// <summary>The database cancelled the statement (57014) even at the smallest page.</summary>
    StatementTimeout,

    /// <summary>The answer is not what PostgREST sends: content type, JSON, structure, size, redirect.</summary>
    UnexpectedResponse,

    /// <summary>The server's pages do not advance: they repeat a key or go backwards.</summary>
    OutOfOrder,

    /// <summary>A row has no value in the key or the UpdatedAt column.</summary>
    MissingCursorValue,

    /// <summary>The server did not understand the request: a bug in this library or an error in its configuration.</summary>
    BadRequest,

    /// <summary>A cursor token is malformed, tampered with, from another scope, or from a newer version.</summary>
    CursorRefused,

    /// <summary>A checkpoint is damaged or sealed with another key.</summary>
    CheckpointRefused,

    /// <summary>A checkpoint was written by a newer version of this library.</summary>
    CheckpointTooNew,

    /// <summary>Another writer moved the checkpoint in between.</summary>
    CheckpointConflict,

    /// <summary>Another process or engine is syncing this dataset.</summary>
    LeaseHeld,

    /// <summary>The lease went to another holder; this writer was fenced off.</summary>
    LeaseLost,

    /// <summary>There is no session, or it was refused and could not be refreshed.</summary>
    AuthRequired,

    /// <summary>The role may not read the table: a GRANT or policy is missing.</summary>
    PermissionDenied,

    /// <summary>A secret or service_role key was given without <c>AllowRlsBypass</c>.</summary>
    SecretKeyRefused,

    /// <summary>The remote table, column or type does not match the dataset.</summary>
    RemoteSchema,

    /// <summary>The local table or column does not match the dataset.</summary>
    LocalSchema,

    /// <summary>The local store failed: disk full, read-only, busy, damaged.</summary>
    StoreFailed,

    /// <summary>The SQL kit is required and missing, has a version that this library does not understand, does not see every change of a table, is enabled with another key than the dataset's, or needs its restamp call. If the exception names a dataset, the other datasets were synced.</summary>
    SqlKit,

    /// <summary>A run did not end as <see cref="SyncOutcome.Completed"/>: <see cref="SyncResult.EnsureCompleted"/> was called on its result.</summary>
    Incomplete,

    /// <summary>The local database and its key do not fit: the key is wrong or was not given, the file is not encrypted, or the app's SQLite library cannot encrypt. No row was written.</summary>
    StoreKeyRefused,

    /// <summary>The run made no step for <see cref="SyncOptions.StallTimeout"/>; <see cref="SyncStalledException.Status"/> says what it waited for.</summary>
    Stalled,
}
