using Agent.Sync.Stores;

namespace Agent.Sync.Push.Batches;

/// <summary>
/// Where one batch ends: at the number of changes (<see cref="BatchRowLimit"/>), at the number of bytes (<see cref="PushOptions.BatchBytes"/>), or
/// where another statement begins.
/// </summary>
/// <param name="context">The push.</param>
/// <param name="kitHeader">The length of the SQL kit's body without changes; 0 without the kit.</param>
internal sealed class BatchBounds(PushContext context, int kitHeader)
{
    /// <summary>The single requests that are settled together: few enough that an interruption leaves little unsettled, enough to keep transactions few.</summary>
    private const int SinglesAtOnce = 64;

    // {"op":"<36>","key":,"base":null,"row":},
    private const int KitChange = 72;

    // {"kind":"insert","columns":[],"changes":[]},
    private const int KitGroup = 46;

    private PushOptions Options => context.Run.Options.Push;

    /// <summary>Gets a value indicating whether one request may carry changes of several kinds and columns.</summary>
    public bool MixesGroups => context.UsesKit;

    /// <summary>
    /// Tells whether a change can be sent. The kit stamps every row, so a base without a stamp was pulled before the kit was installed, and
    /// the next pull brings the stamp. Once every row has been read with its stamp, the server no longer has the row of such a base: a conflict.
    /// </summary>
    public bool MaySend(in PendingChange change) =>
        !context.UsesKit || context.KnowsStamps || change.Kind == ChangeKind.Insert || !change.BaseVersion.IsEmpty || context.ConflictPolicy == ConflictPolicy.LocalWins;

    public SendForm FormOf(ChangeKind kind) => kind switch
    {
        _ when context.UsesKit => SendForm.Kit,
        ChangeKind.Insert => SendForm.Bulk,

        // A bulk upsert silently overwrites newer rows, so it is used only where the local row wins.
        ChangeKind.Update when context.ConflictPolicy == ConflictPolicy.LocalWins => SendForm.Bulk,
        _ => SendForm.Single,
    };

    /// <summary>Returns the position after the batch's last change; the batch has at least one.</summary>
    public int EndOf(ReadOnlySpan<PendingChange> changes, ReadOnlySpan<int> groups, int start, int maxChanges)
    {
        var form = FormOf(changes[start].Kind);
        var most = form == SendForm.Single ? Math.Min(maxChanges, SinglesAtOnce) : maxChanges;
        var bytes = kitHeader + 2;
        for (var index = start; index < changes.Length; index++)
        {
            var startsGroup = index == start || groups[index] != groups[index - 1];
            if (index - start == most || (startsGroup && index > start && !MixesGroups))
            {
                return index;
            }

            bytes += form == SendForm.Single ? 0 : BytesOf(changes[index], startsGroup);
            if (bytes > Options.BatchBytes && index > start)
            {
                return index;
            }
        }

        return changes.Length;
    }

    private int BytesOf(in PendingChange change, bool startsGroup)
    {
        if (!context.UsesKit)
        {
            return change.Row.Length + (change.Kind == ChangeKind.Update ? change.Key.Length : 0) + 1;
        }

        var bytes = KitChange + change.Key.Length + change.BaseVersion.Length + change.Row.Length;
        return startsGroup ? bytes + KitGroup + change.Columns.Sum(static column => column.Length + 3) : bytes;
    }
}

/// <summary>How changes of a kind are sent.</summary>
internal enum SendForm
{
    /// <summary>Any kinds together, by the SQL kit's push function.</summary>
    Kit,

    /// <summary>Rows of the same columns in one statement.</summary>
    Bulk,

    /// <summary>One request per row.</summary>
    Single,
}
