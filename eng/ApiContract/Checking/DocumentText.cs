using System.Text.Json.Nodes;

namespace ApiContract.Checking;

/// <summary>Finds what a document refers to.</summary>
internal static class DocumentText
{
    /// <summary>Returns the node, or what it refers to within the document.</summary>
    public static JsonNode Resolve(JsonNode document, JsonNode node) =>
        (string?)(node as JsonObject)?["$ref"] is { } reference
            ? reference.Split('/').Skip(1).Aggregate(document, static (at, name) => at[name]!)
            : node;
}
