using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Agent.Sync.EntityFrameworkCore;

/// <summary>What a model says about syncing, as annotations of texts alone, which a migration's snapshot can hold.</summary>
internal static class SyncAnnotations
{
    public const string Table = "AgentSync:Table";
    public const string Schema = "AgentSync:Schema";
    public const string Dataset = "AgentSync:Dataset";
    public const string Role = "AgentSync:Role";
    public const string DeleteHandling = "AgentSync:DeleteHandling";
    public const string Column = "AgentSync:Column";
    public const string Type = "AgentSync:Type";
    public const string ServerOwned = "AgentSync:ServerOwned";

    public static string? Text(this IReadOnlyAnnotatable annotated, string name) => annotated.FindAnnotation(name)?.Value as string;

    public static T? Choice<T>(this IReadOnlyAnnotatable annotated, string name)
        where T : struct, Enum => Enum.TryParse<T>(annotated.Text(name), out var choice) ? choice : null;
}

/// <summary>What a property is for its dataset.</summary>
internal enum SyncRole
{
    Plain,
    UpdatedAt,
    Version,
    DeletedAt,
    Ignored,
}
