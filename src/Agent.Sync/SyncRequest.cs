using System.Globalization;
using System.Text;

namespace Agent.Sync;

/// <summary>What one run does. Immutable.</summary>
public sealed record SyncRequest
{
    /// <summary>Gets the direction. The default is both; without an <see cref="Stores.IChangeStore"/> there is nothing to push.</summary>
    public SyncDirection Direction { get; init; }

    /// <summary>Gets the datasets to sync, by name; they run in the configured order. Null, the default, means all.</summary>
    public IReadOnlyCollection<string>? Datasets { get; init; }

    /// <summary>Gets how many rows one request asks for, 1 to 1,000. Null, the default, means the configured page size.</summary>
    public int? PageSize { get; init; }

    /// <summary>Gets a value indicating whether to read everything again. Old rows stay readable until the resync is complete. The default is false.</summary>
    public bool FullResync { get; init; }

    /// <summary>Gets how long the run may take before it stops at the next commit: positive, at most 24 days. Null, the default, means no limit.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>Gets a value indicating whether a resync, or deletes on the server, may remove more local rows than <see cref="SyncOptions.MaxDeleteShare"/> allows. The default is false.</summary>
    public bool AllowMassDelete { get; init; }

    /// <summary>Gets a value indicating whether to tell only what a run would do: nothing is written, locally or on the server, and no lease is taken. The default is false.</summary>
    /// <remarks>
    /// The result has the counts of the run that would be: <see cref="DatasetResult.Applied"/>, <see cref="DatasetResult.Deleted"/>, <see cref="DatasetResult.Pushed"/> for the changes that wait, and
    /// <see cref="DatasetResult.Conflicts"/> for those of them whose row on the server has changed. A delta of up to 10,000 rows is read and compared, and its counts are exact. Of a backfill, a resync or a
    /// larger delta the server counts the rows; see <see cref="DatasetResult.IsEstimate"/>. No progress is reported.
    /// </remarks>
    public bool DryRun { get; init; }

    /// <summary>Gets how long to wait while another process or engine holds the dataset's lease. With zero, the default, the run fails at once and names the holder.</summary>
    public TimeSpan LeaseWait { get; init; }

    // A list prints its type's name.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"Direction = {Direction}, PageSize = {PageSize}, FullResync = {FullResync}, MaxDuration = {MaxDuration}, AllowMassDelete = {AllowMassDelete}, DryRun = {DryRun}, LeaseWait = {LeaseWait}, Datasets = ")
            .AppendList(Datasets);
        return true;
    }
}
