using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>What the kit's digest function takes and answers.</summary>
internal static class DigestSchemas
{
    public const string Request = "digest.request";
    public const string Answer = "digest.answer";

    private static readonly string[] Kinds = ["text", "uuid", "integer", "boolean", "double", "numeric", "timestamptz", "timestamp", "date", "time", "json", "bytes"];

    public static void AddTo(OpenApiDocument document, IReadOnlyList<TableNames> tables)
    {
        var texts = new OpenApiSchema { Type = JsonSchemaType.String };
        var bucket = Schemas.Pattern("^[0-9]{1,4}$", "A bucket, 0 to 2047.");
        document.Components!.Schemas![Request] = Schemas.Record(
            "Which rows to count and hash.",
            ("request", Schemas.Record(
                null,
                ["table", "columns", "filters", "rows"],
                ("table", HorizonSchemas.TableNamesOf(tables)),
                ("columns", Schemas.List(Schemas.List(texts), $"The columns that are hashed, each with what it holds: {string.Join(", ", Kinds)}.")),
                ("filters", Schemas.List(Schemas.List(texts), "The conditions of the dataset: column, operator, value.")),
                ("deleted", Schemas.Text("The column that marks a row as deleted, where such rows are removed locally.")),
                ("after", Schemas.List(texts, "The key to go on after, as texts.")),
                ("only", Schemas.List(bucket, "The buckets whose rows are listed; the sums of all buckets without it.")),
                ("rows", new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "How many rows to walk over." }))));
        document.Components.Schemas[Answer] = Schemas.Record(
            "What was found. Hashes are hexadecimal text.",
            ["kit", "walked", "last", "omitted"],
            ("kit", new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The kit's version." }),
            ("walked", new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "How many rows were walked over." }),
            ("last", Schemas.Nullable(Schemas.List(texts, "The key to go on after; null at the end."))),
            ("omitted", Schemas.List(texts, "The columns that cannot be compared.")),
            ("buckets", Schemas.List(new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema() }, "For each bucket its number, the count of its rows, and their hash.")),
            ("rows", Schemas.List(new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema() }, "For each row its key, its sequence, whether it is marked as deleted, and its hash.")));
    }
}
