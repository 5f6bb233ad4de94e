using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>What a column's values look like in a URL, as regular expressions without anchors, and in a body.</summary>
internal static class ColumnText
{
    private const string Anything = @"[\s\S]*";
    private const string Quotable = @"(?:[^""\\]|\\[""\\])*";
    private const string Uuid = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    private const string Integer = "-?[0-9]{1,19}";
    private const string Number = @"(?:-?[0-9.]+(?:[eE][+-]?[0-9]+)?|NaN|-?Infinity)";
    private const string Moment = @"(?:-?infinity|[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[+-][0-9]{2}(?::[0-9]{2}){0,2}|Z)?(?: BC)?)";

    /// <summary>A value after <c>gt.</c> in a parameter of its own.</summary>
    public static string Bare(ColumnType type) => Form(type) ?? Anything;

    /// <summary>A value inside <c>or()</c>: in double quotes, with a backslash before a quote or a backslash.</summary>
    public static string Quoted(ColumnType type) => $"\"{Form(type) ?? Quotable}\"";

    /// <summary>A value in a JSON body. Its content is the app's, or the server's own text: only its kind is known.</summary>
    public static OpenApiSchema Json(ColumnType type) => type switch
    {
        ColumnType.Integer => new() { Type = JsonSchemaType.Integer, Format = "int64" },
        ColumnType.Boolean => new() { Type = JsonSchemaType.Boolean },
        ColumnType.Double or ColumnType.Numeric => new() { Type = JsonSchemaType.Number | JsonSchemaType.String },
        ColumnType.Json => new(),
        _ => new() { Type = JsonSchemaType.String },
    };

    private static string? Form(ColumnType type) => type switch
    {
        ColumnType.Uuid => Uuid,
        ColumnType.Integer => Integer,
        ColumnType.Boolean => "(?:true|false)",
        ColumnType.Double or ColumnType.Numeric => Number,
        ColumnType.Timestamptz or ColumnType.Timestamp => Moment,
        _ => null,
    };
}
