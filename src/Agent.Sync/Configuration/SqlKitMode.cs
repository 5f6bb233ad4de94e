namespace Agent.Sync;

/// <summary>Whether the engine looks for the SQL kit on the server.</summary>
public enum SqlKitMode
{
    /// <summary>Use the kit where the server has it; otherwise work without it and report <see cref="CompletenessGrade.Overlap"/>. The default. A missing kit costs one request per engine and hour.</summary>
    Detect,

    /// <summary>Never use the kit.</summary>
    Ignore,

    /// <summary>Fail with <see cref="SyncErrorKind.SqlKit"/> if the kit is missing.</summary>
    Require,
}
