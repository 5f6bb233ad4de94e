using System.Text.Json;

namespace Agent.Sync.Cli.Events;

/// <summary>What doctor found, also what is in order.</summary>
internal sealed record DiagnosisEvent(IReadOnlyList<Finding> Findings, bool ReadsCatalog, string Database, int ExitCode) : ConsoleEvent("diagnosis");

/// <summary>Where one row stands. The rows are there when they were asked for, and when there are any.</summary>
internal sealed record WhyEvent(
    string Dataset,
    JsonElement Key,
    RowState State,
    string Conclusion,
    CompletenessGrade Grade,
    string VersionColumn,
    bool? IsLocal,
    string? LocalVersion,
    bool? IsOnServer,
    string? ServerVersion,
    string? BaseVersion,
    bool IsSoftDeleted,
    bool? HasTombstone,
    IReadOnlyList<RowChange> Changes,
    ParkedEntry? Parked,
    IReadOnlyList<string> DifferingColumns,
    string? ServerFailure,
    JsonElement? Local,
    JsonElement? Server,
    int ExitCode) : ConsoleEvent("why")
{
    public static WhyEvent From(RowExplanation row, bool showsValues, int exitCode) => new(
        row.Dataset,
        JsonElement.Parse(row.Key),
        row.State,
        row.Describe(),
        row.Grade,
        row.VersionColumn,
        row.IsLocal,
        row.LocalVersion,
        row.IsOnServer,
        row.ServerVersion,
        row.BaseVersion,
        row.IsSoftDeleted,
        row.HasTombstone,
        [.. row.Changes.Select(RowChange.From)],
        row.Parked is { } parked ? ParkedEntry.From(parked) : null,
        row.DifferingColumns,
        row.ServerFailure,
        showsValues && !row.Local.IsEmpty ? JsonElement.Parse(row.Local.Span) : null,
        showsValues && !row.Server.IsEmpty ? JsonElement.Parse(row.Server.Span) : null,
        exitCode);
}

/// <summary>A local change of a row.</summary>
internal sealed record RowChange(string Id, ChangeKind Kind, ChangeState State, string? Code, string? Constraint, string Reason)
{
    public static RowChange From(LocalChange change) => new(QuarantinedChange.Name(change), change.Kind, change.State, change.Code, change.Constraint, change.Describe());
}
