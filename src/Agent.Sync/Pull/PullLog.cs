using Microsoft.Extensions.Logging;

namespace Agent.Sync.Pull;

internal static partial class PullLog
{
    [LoggerMessage(2000, LogLevel.Debug, "Page of {Dataset} in {Order} order: {Rows} rows, {Bytes} bytes, {Milliseconds:F1} ms.")]
    public static partial void PageFetched(ILogger log, string dataset, PageOrder order, int rows, int bytes, double milliseconds);

    [LoggerMessage(2001, LogLevel.Warning, "The database timed out on a page of {Dataset} ({Code}); asking for {Limit} rows from now on.")]
    public static partial void PageShrunk(ILogger log, string dataset, int limit, string code);

    [LoggerMessage(2020, LogLevel.Warning, "A page of {Dataset} is larger than MaxPageBytes; asking for {Limit} rows from now on.")]
    public static partial void PageTooLarge(ILogger log, string dataset, int limit);

    [LoggerMessage(2002, LogLevel.Information, "Backfill of {Dataset} starts: {Reason}.")]
    public static partial void BackfillStarts(ILogger log, string dataset, string reason);

    [LoggerMessage(2003, LogLevel.Information, "Backfill of {Dataset} goes on after {Rows} rows.")]
    public static partial void BackfillResumes(ILogger log, string dataset, long rows);

    [LoggerMessage(2004, LogLevel.Debug, "Delta of {Dataset} starts.")]
    public static partial void DeltaStarts(ILogger log, string dataset);

    [LoggerMessage(2005, LogLevel.Debug, "Commit of {Dataset}: {Pages} pages, {Applied} applied, {Unchanged} unchanged, {Deleted} deleted, {Milliseconds:F1} ms, memory at {MemoryPercent:F1}% of the limit.")]
    public static partial void Committed(ILogger log, string dataset, int pages, long applied, long unchanged, long deleted, double milliseconds, double memoryPercent);

    [LoggerMessage(2006, LogLevel.Warning, "Memory is at {MemoryPercent:F0}% of the configured limit of {LimitBytes} bytes. A smaller page size or commit helps; see the memory notes in the documentation.")]
    public static partial void MemoryAboveLimit(ILogger log, double memoryPercent, long limitBytes);

    [LoggerMessage(2007, LogLevel.Warning, "Resync of {Dataset} would remove {Removed} of {LocalRows} local rows; refused, nothing was removed.")]
    public static partial void MassDeleteRefused(ILogger log, string dataset, long removed, long localRows);

    [LoggerMessage(2008, LogLevel.Information, "Resync of {Dataset} is complete; {Removed} local rows were removed.")]
    public static partial void GenerationSwapped(ILogger log, string dataset, long removed);

    [LoggerMessage(2009, LogLevel.Information, "The grade of {Dataset} changes from {Before} to {Now}: every row is read again.")]
    public static partial void GradeChanges(ILogger log, string dataset, CompletenessGrade before, CompletenessGrade now);

    [LoggerMessage(2010, LogLevel.Warning, "A transaction on the server has been open for {Seconds:F0} s and holds back the durable position of {Dataset}; what is committed is here. Look for sessions that are idle in transaction, and for prepared transactions.")]
    public static partial void HorizonHeld(ILogger log, string dataset, double seconds);

    [LoggerMessage(2011, LogLevel.Warning, "The policies of {Table} changed since the SQL kit was enabled, so deletes may be hidden from their users: the result is called Overlap. Run as the owner: {Call}")]
    public static partial void PoliciesChanged(ILogger log, string table, string call);

    [LoggerMessage(2012, LogLevel.Warning, "The SQL kit does not follow the filters of {Dataset}, so rows that leave them stay here until a full resync: the result is called Overlap. Run as the owner: {Call}")]
    public static partial void FiltersNotFollowed(ILogger log, string dataset, string call);

    [LoggerMessage(2013, LogLevel.Information, "The server showed no row of {Dataset}. If there should be some: row-level security answers what a user may not see with an empty list, so look at the table's SELECT policies and at who is signed in.")]
    public static partial void NoRowsVisible(ILogger log, string dataset);

    [LoggerMessage(2014, LogLevel.Warning, "Of {Dataset}, {Held} edits were found that nothing recorded, in {LocalRows} local rows: too many to have been typed, or of a column that is empty in every row. They lie in quarantine and were not sent: retry or discard them.")]
    public static partial void UnrecordedEditsHeld(ILogger log, string dataset, long held, long localRows);

    [LoggerMessage(2015, LogLevel.Warning, "The server writes rows of {Dataset} without raising column '{Version}': they arrived with the version of the local row and a later '{Cursor}'. They were applied, but a conflict in such a row cannot be detected. Let a trigger raise the version on every write.")]
    public static partial void VersionStands(ILogger log, string dataset, string version, string cursor);

    [LoggerMessage(2016, LogLevel.Warning, "The deletes of {Dataset} on the server would remove more than {Limit} of {LocalRows} local rows; refused, and none of them was applied. Check the user, the policies and what was deleted; if the rows are really gone, run with AllowMassDelete.")]
    public static partial void DeletesRefused(ILogger log, string dataset, long limit, long localRows);
}
