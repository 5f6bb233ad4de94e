namespace Agent.Sync.Testing;

/// <summary>A fault that a <see cref="FaultPlan"/> can inject.</summary>
public enum FaultKind
{
    /// <summary>A page request finds no connection.</summary>
    ConnectionRefused,

    /// <summary>The connection breaks after the request arrived and before the answer.</summary>
    ResetBeforeHeaders,

    /// <summary>The connection breaks in the middle of a body.</summary>
    ResetMidBody,

    /// <summary>A body ends before its declared length.</summary>
    ShortBody,

    /// <summary>A body ends in the middle without an error.</summary>
    TruncatedBody,

    /// <summary>A compressed body is damaged.</summary>
    BadGzip,

    /// <summary>A body comes in small pieces.</summary>
    SlowDrip,

    /// <summary>429 with an odd Retry-After.</summary>
    TooManyRequests,

    /// <summary>503 with an odd Retry-After.</summary>
    Unavailable,

    /// <summary>Two to five answers of the 5xx range in a row.</summary>
    ServerErrorBurst,

    /// <summary>One 401.</summary>
    Unauthorized,

    /// <summary>Two to five 401 in a row.</summary>
    UnauthorizedStorm,

    /// <summary>The database cancels the statement (57014).</summary>
    StatementTimeout,

    /// <summary>200 with an HTML body.</summary>
    WrongContentType,

    /// <summary>The page before is sent once more.</summary>
    RepeatPage,

    /// <summary>The page before the last one is sent: A, B, A.</summary>
    LoopBack,

    /// <summary>An apply or a swap fails, and nothing of it is there.</summary>
    ApplyFailsBefore,

    /// <summary>An apply or a swap fails after it committed: its answer is lost.</summary>
    ApplyFailsAfter,

    /// <summary>A checkpoint's write fails, and the old one is there.</summary>
    CheckpointFailsBefore,

    /// <summary>A checkpoint's write fails after it became durable.</summary>
    CheckpointFailsAfter,

    /// <summary>Taking changes out of the outbox fails, and none was frozen.</summary>
    TakeFailsBefore,

    /// <summary>Taking changes fails after they were frozen: nobody got them, and they are in flight.</summary>
    TakeFailsAfter,

    /// <summary>Settling changes fails, and nothing of it is there.</summary>
    SettleFailsBefore,

    /// <summary>Settling changes fails after it committed: its answer is lost.</summary>
    SettleFailsAfter,

    /// <summary>The process is killed at a named point: nothing it does afterwards has an effect, until <see cref="FaultPlan.Restart"/>.</summary>
    Kill,
}
