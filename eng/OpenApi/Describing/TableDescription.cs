using Agent.Sync;
using Microsoft.OpenApi;

namespace OpenApi.Describing;

/// <summary>Everything that is sent to one table.</summary>
internal static class TableDescription
{
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
        };
    }
}
