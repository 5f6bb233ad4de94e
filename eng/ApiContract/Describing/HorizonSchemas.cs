using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>What the kit's horizon function takes and answers.</summary>
internal static class HorizonSchemas
{
    public const string Request = "horizon.request";
    public const string Answer = "horizon.answer";

    public static void AddTo(OpenApiDocument document, IReadOnlyList<TableNames> tables)
    {
        var names = TableNamesOf(tables);
        var number = Schemas.Pattern("^[0-9]{1,19}$");
        document.Components!.Schemas![Request] = Schemas.Record(
            "Which tables it is about.",
            ("request", Schemas.Record(null, ("tables", new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, UniqueItems = true, Items = names }))));
        document.Components.Schemas[Answer] = Schemas.Record(
            "What is settled. 64-bit numbers are text.",
            ("kit", new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The kit's version." }),
            ("server_time", Schemas.Text("The server's clock.")),
            ("horizon", number),
            ("next", number),
            ("oldest_writer_since", Schemas.Nullable(Schemas.Text("Since when the transaction runs that holds the horizon back; null if none does, or if it cannot be told."))),
            ("tables", new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "By schema and name; null for a table without the kit, and for one that the caller may read nothing of.",
                AdditionalProperties = Schemas.Nullable(Schemas.Record(
                    null,
                    ("epoch", Schemas.Text("Another one after a restore, a TRUNCATE, a change of the select policies, and whatever else changes rows that no trigger sees.")),
                    ("min_retained", number),
                    ("tombstones", Schemas.Text("The name of the table in agent_sync that holds its deletions.")),
                    ("problem", Schemas.Nullable(Schemas.Text("A word for what keeps the kit from seeing every change: columns, triggers, parent, children, unlogged, forced or key; null if nothing does."))),
                    ("needs_restamp", new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Whether a dump was loaded that the kit has to be told of." }))),
            }));
    }

    /// <summary>The names by which the kit knows the tables.</summary>
    public static OpenApiSchema TableNamesOf(IEnumerable<TableNames> tables) =>
        Schemas.Values(null, tables.Select(static table => $"{table.Dataset.Schema}.{table.Table}"));
}
