namespace Agent.Sync.Checkpoints;

internal enum SealVerdict
{
    Genuine,

    /// <summary>Too short to be anything.</summary>
    Malformed,

    /// <summary>Sealed by a version of this library that is newer than this one.</summary>
    NewerVersion,

    /// <summary>Sealed with a key that is not configured here.</summary>
    UnknownKey,

    /// <summary>Changed, or sealed for something else.</summary>
    Forged,
}
