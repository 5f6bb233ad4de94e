using Agent.Sync.Push.Kit;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Batches;

/// <summary>Where one unit ends: at the bound of changes or bytes, and where another statement begins.</summary>
internal sealed class UnitSize(Dataset dataset, PushOptions options, bool usesKit, bool knowsStamps)
{
    /// <summary>The single requests that are settled together: few enough that an interruption leaves little unsettled, enough to spare the disk.</summary>
    private const int SinglesAtOnce = 64;

    // {"op":"<36>","key":,"base":null,"row":},
    private const int KitChange = 72;

    // {"kind":"insert","columns":[],"changes":[]},
    private const int KitGroup = 46;

    private readonly int _kitBatch = usesKit ? KitBody.HeaderLength(dataset) : 0;

    /// <summary>Gets a value indicating whether one request may carry changes of several kinds and columns.</summary>
    public bool MixesGroups => usesKit;

    /// <summary>
    /// Tells whether a change can be sent. The kit stamps every row, so a base without a stamp was pulled before the kit came: the
    /// next pull brings it. Once every row has been read with its stamp, such a base is no row of the server's any more: a conflict.
    /// </summary>
    public bool MaySend(in PendingChange change) =>
        !usesKit || knowsStamps || change.Kind == ChangeKind.Insert || !change.BaseVersion.IsEmpty || options.ConflictPolicy == ConflictPolicy.LocalWins;

    public SendForm FormOf(ChangeKind kind) => kind switch
    {
        _ when usesKit => SendForm.Kit,
        ChangeKind.Insert => SendForm.Bulk,

        // A bulk upsert overwrites rows that are newer and says so to nobody: fit only where that is wanted.
        ChangeKind.Update when options.ConflictPolicy == ConflictPolicy.LocalWins => SendForm.Bulk,
        _ => SendForm.Single,
    };

    /// <summary>Returns the position after the unit's last change; the unit has at least one.</summary>
    public int EndOf(ReadOnlySpan<PendingChange> changes, ReadOnlySpan<int> groups, int start, int maxChanges)
    {
        var form = FormOf(changes[start].Kind);
        var most = form == SendForm.Single ? Math.Min(maxChanges, SinglesAtOnce) : maxChanges;
        var bytes = _kitBatch + 2;
        for (var index = start; index < changes.Length; index++)
        {
            var startsGroup = index == start || groups[index] != groups[index - 1];
            if (index - start == most || (startsGroup && index > start && !MixesGroups))
            {
                return index;
            }

            bytes += form == SendForm.Single ? 0 : BytesOf(changes[index], startsGroup);
            if (bytes > options.BatchBytes && index > start)
            {
                return index;
            }
        }

        return changes.Length;
    }

    private int BytesOf(in PendingChange change, bool startsGroup)
    {
        if (!usesKit)
        {
            return change.Row.Length + (change.Kind == ChangeKind.Update ? change.Key.Length : 0) + 1;
        }

        var bytes = KitChange + change.Key.Length + change.BaseVersion.Length + change.Row.Length;
        return startsGroup ? bytes + KitGroup + change.Columns.Sum(static column => column.Length + 3) : bytes;
    }
}
