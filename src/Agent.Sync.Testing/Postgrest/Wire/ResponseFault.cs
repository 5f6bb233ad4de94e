namespace Agent.Sync.Testing;

/// <summary>What goes wrong with one answer of a <see cref="PostgrestDouble"/>.</summary>
public enum ResponseFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>No connection comes about.</summary>
    ConnectionRefused,

    /// <summary>The connection breaks after the request was sent and before the answer's headers. The request took effect.</summary>
    ResetBeforeHeaders,

    /// <summary>The connection is reset in the middle of the body.</summary>
    ResetMidBody,

    /// <summary>The body ends before its Content-Length, and the HTTP stack notices.</summary>
    ShortBody,

    /// <summary>The body ends in the middle without any error and without a Content-Length, as behind a careless proxy.</summary>
    TruncatedBody,

    /// <summary>The compressed body is damaged: reading fails in the middle as the decompressor's does.</summary>
    BadGzip,

    /// <summary>The body comes in small pieces with pauses between them.</summary>
    SlowDrip,

    /// <summary>The headers never come; only cancellation ends the request.</summary>
    Hang,

    /// <summary>The body is the one before it once more, whatever was asked for.</summary>
    RepeatPage,

    /// <summary>The body is the one before the last one: A, B, A.</summary>
    LoopBack,
}
