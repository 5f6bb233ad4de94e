namespace Agent.Sync;

internal enum PageOrder
{
    /// <summary>By key: the backfill.</summary>
    Key,

    /// <summary>By update timestamp or sequence, then key: the delta.</summary>
    Cursor,
}
