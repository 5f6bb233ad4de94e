namespace Agent.Sync;

/// <summary>How complete a result is.</summary>
public enum CompletenessGrade
{
    /// <summary>
    /// Every committed change, except those of transactions that stayed open longer than the overlap lag. Such rows are found when
    /// they change again, or by a full resync.
    /// </summary>
    Overlap,

    /// <summary>Every change of a row visible to the user that was committed when the run read the server's horizon. Needs the SQL kit.</summary>
    Exact,
}
