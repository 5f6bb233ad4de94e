using System.Text.Json;
using Agent.Sync;
using QuickStart.Output;

namespace QuickStart.Events;

/// <summary>A local change that the server rejected.</summary>
/// <param name="Id">What --retry and --discard take.</param>
internal sealed record QuarantinedChange(
    string Id,
    string Dataset,
    ChangeKind Kind,
    string? Code,
    string? Constraint,
    string Reason,
    JsonElement Key,
    DateTimeOffset? RejectedAt)
{
    public static QuarantinedChange From(LocalChange change)
    {
        using var key = JsonDocument.Parse(change.Key);
        return new QuarantinedChange(
            Name(change),
            change.Dataset,
            change.Kind,
            change.Code,
            change.Constraint,
            Rejections.Describe(change.Code, change.Constraint),
            key.RootElement.Clone(),
            change.RejectedAt);
    }

    /// <summary>Numbers count within a dataset, so the name has both.</summary>
    public static string Name(LocalChange change) => $"{change.Dataset}/{change.Id}";
}
