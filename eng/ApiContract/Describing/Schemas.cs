using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>Short forms for schemas. Only those keywords are used that the check of requests understands.</summary>
internal static class Schemas
{
    public static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    public static OpenApiSchema Pattern(string pattern, string? description = null) =>
        new() { Type = JsonSchemaType.String, Pattern = pattern, Description = description };

    public static OpenApiSchema Values(string? description, params IEnumerable<string> values) =>
        new() { Type = JsonSchemaType.String, Enum = [.. values.Select(static value => (JsonNode)value)], Description = description };

    public static OpenApiSchema List(IOpenApiSchema items, string? description = null) =>
        new() { Type = JsonSchemaType.Array, Items = items, Description = description };

    /// <summary>An object of exactly these properties; those not required may be missing.</summary>
    public static OpenApiSchema Record(string? description, IEnumerable<string> required, params IEnumerable<(string Name, IOpenApiSchema Schema)> properties) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
        AdditionalPropertiesAllowed = false,
        Required = required.ToHashSet(StringComparer.Ordinal),
        Properties = properties.ToDictionary(static property => property.Name, static property => property.Schema, StringComparer.Ordinal),
    };

    /// <summary>An object of exactly these properties, none of them missing.</summary>
    public static OpenApiSchema Record(string? description, params (string Name, IOpenApiSchema Schema)[] properties) =>
        Record(description, properties.Select(static property => property.Name), properties);

    public static OpenApiSchema Nullable(OpenApiSchema schema)
    {
        schema.Type |= JsonSchemaType.Null;
        return schema;
    }

    public static OpenApiSchemaReference Named(OpenApiDocument document, string name) => new(name, document);

    public static IOpenApiSchema OneOf(params IEnumerable<IOpenApiSchema> schemas)
    {
        var all = schemas.ToList();
        return all.Count == 1 ? all[0] : new OpenApiSchema { OneOf = all };
    }
}
