namespace Agent.Sync;

/// <summary>Whether the engine looks for the SQL kit on the server.</summary>
public enum SqlKitMode
{
    /// <summary>Use it where it is; else work without it and report <see cref="CompletenessGrade.Overlap"/>. The default. Costs one request per engine where it is missing.</summary>
    Detect,

    /// <summary>Do not look for it.</summary>
    Ignore,

    /// <summary>Fail with <see cref="SyncErrorKind.SqlKit"/> where it is missing.</summary>
    Require,
}
