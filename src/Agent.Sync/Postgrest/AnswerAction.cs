namespace Agent.Sync.Postgrest;

/// <summary>What an answer asks the sender to do.</summary>
internal enum AnswerAction
{
    /// <summary>Give up: the same request would fail again.</summary>
    Fail,

    /// <summary>Send again after the schedule's wait.</summary>
    Retry,

    /// <summary>Send again after the schedule's wait with jitter: another transaction was in the way.</summary>
    RetryWithJitter,

    /// <summary>Send again once: the answer was damaged or came from something in between.</summary>
    RetryOnce,

    /// <summary>Send again once after 2 s: the schema cache may be about to reload.</summary>
    AwaitSchemaCache,

    /// <summary>Wait as long as the server says and slow down.</summary>
    SlowDown,

    /// <summary>Refresh the token and send again once.</summary>
    RefreshToken,
}

/// <summary>What an answer means.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Kind">What it is called when doing that has not helped.</param>
internal readonly record struct AnswerMeaning(AnswerAction Action, SyncErrorKind Kind);
