namespace Agent.Sync;

internal enum PageOrder
{
    /// <summary>By key: the backfill.</summary>
    Key,

    /// <summary>By cursor column, then key: the delta.</summary>
    Cursor,
}
