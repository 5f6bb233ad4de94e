using System.Text.Json.Nodes;
using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>Everything that is sent to one table.</summary>
internal static class TableDescription
{
    /// <summary>The extension that says which of a table's columns are the key, the cursor and the version.</summary>
    public const string Extension = "x-columns";

    public static void AddTo(OpenApiDocument document, Dataset dataset)
    {
        var table = new TableNames(dataset);
        document.Tags!.Add(new OpenApiTag { Name = table.Table, Description = $"The table {dataset.Schema}.{table.Table}." });
        RowSchemas.AddTo(document, table);
        document.Paths["/rest/v1/" + table.Table] = new OpenApiPathItem
        {
            Operations = new()
            {
                [HttpMethod.Get] = TableReads.Describe(document, table),
                [HttpMethod.Post] = TableWrites.Insert(document, table),
                [HttpMethod.Patch] = TableWrites.Update(document, table),
                [HttpMethod.Delete] = TableWrites.Delete(document, table),
            },
            Extensions = new Dictionary<string, IOpenApiExtension> { [Extension] = new JsonNodeExtension(Roles(table)) },
        };
    }

    private static JsonObject Roles(TableNames table) => new()
    {
        ["key"] = new JsonArray([.. table.Keys.Select(static key => (JsonNode)key.Name)]),
        ["cursor"] = table.Cursor.Name,
        ["version"] = table.Version.Name,
    };
}
