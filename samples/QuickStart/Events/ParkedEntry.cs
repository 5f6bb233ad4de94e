using System.Text.Json;
using Agent.Sync;
using QuickStart.Output;

namespace QuickStart.Events;

/// <summary>A row of the server that the local table refuses.</summary>
internal sealed record ParkedEntry(string Id, string Dataset, bool IsDelete, string Code, string? Constraint, string Reason, JsonElement Key)
{
    public static ParkedEntry From(ParkedRow row)
    {
        using var key = JsonDocument.Parse(row.Key);
        return new ParkedEntry(
            $"{row.Dataset}/{row.Id}",
            row.Dataset,
            row.IsDelete,
            row.Code,
            row.Constraint,
            Rejections.Describe(row.Code, row.Constraint),
            key.RootElement.Clone());
    }
}
