using System.Text.Json.Nodes;
using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>What the kit's push function takes and answers.</summary>
internal static class PushSchemas
{
    public const string Request = "push.request";
    public const string Answer = "push.answer";

    public static void AddTo(OpenApiDocument document, IReadOnlyList<TableNames> tables)
    {
        foreach (var table in tables)
        {
            document.Components!.Schemas![BatchOf(table)] = Batch(document, table);
        }

        document.Components!.Schemas![Request] = Schemas.Record(
            "One batch of one table.",
            ("batch", Schemas.OneOf(tables.Select(table => (IOpenApiSchema)Schemas.Named(document, BatchOf(table))))));
        document.Components.Schemas[Answer] = Schemas.Record(
            "An outcome per change, in the order of the changes.",
            ("outcomes", Schemas.List(Outcome())),
            ("rows", Schemas.List(new OpenApiSchema { Type = JsonSchemaType.Object }, "The rows that outcomes point to, with the columns that were asked for.")));
    }

    private static string BatchOf(TableNames table) => table.Table + ".batch";

    private static OpenApiSchema Batch(OpenApiDocument document, TableNames table)
    {
        List<(string Name, IOpenApiSchema Schema)> members =
        [
            ("table", HorizonSchemas.TableNamesOf([table])),
            ("version", Schemas.Values("The column that `base` is compared with.", TableNames.Sequence.Name)),
            ("select", List(ColumnNames(table.AllColumns), "The columns of a row that comes back.")),
            ("groups", List(
                Schemas.OneOf(
                    Group("insert", table.Pushed, isBased: false, Schemas.Named(document, table.Insert), document, table),
                    Group("update", table.Pushed.Except(table.Keys), isBased: true, Schemas.Named(document, table.Change), document, table),
                    Group("delete", [], isBased: true, row: null, document, table)),
                "Changes of one kind with the same columns stand together.")),
        ];
        var required = members.Select(static member => member.Name).ToList();
        if (table.Dataset.DeletedOrdinal is { } deleted)
        {
            members.Add(("deleted", Schemas.Values("The column that marks a deleted row: a delete sets it. Missing if the app does not declare it.", table.Dataset.Columns[deleted].Name)));
        }

        return Schemas.Record($"Changes of {table.Table}; never two of one key.", required, members);
    }

    private static OpenApiSchema Group(
        string kind, IEnumerable<DatasetColumn> columns, bool isBased, OpenApiSchemaReference? row, OpenApiDocument document, TableNames table)
    {
        var names = columns.ToList();
        List<(string, IOpenApiSchema)> change =
        [
            ("op", Schemas.Pattern("^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "The operation id. It stays the same through retries and restarts.")),
            ("key", Schemas.Named(document, table.Key)),
            ("base", isBased ? Base() : new OpenApiSchema { Type = JsonSchemaType.Null, Description = "A new row is based on nothing." }),
        ];
        if (row is not null)
        {
            change.Add(("row", row));
        }

        return Schemas.Record(
            null,
            ("kind", Schemas.Values(null, kind)),
            ("columns", row is null
                ? new OpenApiSchema { Type = JsonSchemaType.Array, Enum = [new JsonArray()], Description = "None." }
                : List(ColumnNames(names), "The columns that every row of this group has.")),
            ("changes", List(Schemas.Record(null, [.. change]), description: null)));
    }

    private static OpenApiSchema Base() =>
        Schemas.Nullable(Schemas.Text("The version that the change is based on, as text. Null under the policy that the client wins: write whatever the version is."));

    private static OpenApiSchema ColumnNames(IEnumerable<DatasetColumn> columns) => Schemas.Values(null, columns.Select(static column => column.Name));

    private static OpenApiSchema List(IOpenApiSchema items, string? description) =>
        new() { Type = JsonSchemaType.Array, MinItems = 1, Items = items, Description = description };

    private static OpenApiSchema Outcome() => Schemas.Record(
        null,
        ["op", "status", "row"],
        ("op", Schemas.Text("The change's operation id.")),
        ("status", Schemas.Values(null, "applied", "conflict", "rejected")),
        ("row", new OpenApiSchema { Type = JsonSchemaType.Integer | JsonSchemaType.Null, Description = "Which of `rows` it is on the server now; null when there is none." }),
        ("code", Schemas.Text("Why it was rejected: a SQLSTATE.")),
        ("constraint", Schemas.Nullable(Schemas.Text("The constraint that was violated; for 23502 and 428C9 the column that must not be null or takes no value, if the batch names it."))));
}
