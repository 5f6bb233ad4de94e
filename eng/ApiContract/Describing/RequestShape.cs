using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>One purpose that an operation is sent for.</summary>
/// <param name="Name">The name within the operation.</param>
/// <param name="Description">What it is for, in plain words.</param>
internal sealed record RequestShape(string Name, string Description)
{
    /// <summary>Gets the extension that holds the shapes of an operation.</summary>
    public const string Extension = "x-requests";

    /// <summary>Gets the query parameters; those not named are not sent, but see <see cref="Filters"/>.</summary>
    public IReadOnlyList<ShapePart> Query { get; init; } = [];

    /// <summary>Gets what <c>Prefer</c>, <c>Accept-Profile</c> and <c>Content-Profile</c> hold; those not named are not sent.</summary>
    public IReadOnlyList<ShapePart> Headers { get; init; } = [];

    /// <summary>Gets whether the app's own filters on any column may be added.</summary>
    public bool Filters { get; init; }

    /// <summary>Gets the name of the body's schema; null for none.</summary>
    public string? Body { get; init; }

    public static Dictionary<string, IOpenApiExtension> ExtensionOf(params IEnumerable<RequestShape> shapes) =>
        new() { [Extension] = new JsonNodeExtension(new JsonArray([.. shapes.Select(static shape => shape.ToJson())])) };

    private JsonObject ToJson()
    {
        var json = new JsonObject { ["name"] = Name, ["description"] = Description };
        Add(json, "query", Query);
        Add(json, "headers", Headers);
        if (Filters)
        {
            json["filters"] = true;
        }

        if (Body is not null)
        {
            json["body"] = "#/components/schemas/" + Body;
        }

        return json;
    }

    private static void Add(JsonObject json, string name, IReadOnlyList<ShapePart> parts)
    {
        if (parts.Count > 0)
        {
            json[name] = new JsonObject(parts.Select(static part => KeyValuePair.Create(part.Name, (JsonNode?)ToJson(part))));
        }
    }

    private static JsonObject ToJson(ShapePart part)
    {
        var json = new JsonObject { ["required"] = part.IsRequired };
        if (part.Pattern is not null)
        {
            json["pattern"] = part.Pattern;
        }

        if (part.With is not null)
        {
            json["with"] = part.With;
        }

        return json;
    }
}
