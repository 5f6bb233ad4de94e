using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>A table's rows as they are read and written.</summary>
internal static class RowSchemas
{
    public static void AddTo(OpenApiDocument document, TableNames table)
    {
        var keys = table.Keys.Select(static key => key.Name).ToArray();
        var schemas = document.Components!.Schemas!;
        schemas[table.Row] = Schemas.Record(
            "A row as it is answered: the columns that were asked for.",
            [],
            table.AllColumns.Select(column => (column.Name, (IOpenApiSchema)Column(table, column))));
        schemas[table.Key] = Schemas.Record(
            "The key of one row.", [.. table.Keys.Select(static key => (key.Name, (IOpenApiSchema)ColumnText.Json(key.Type)))]);
        schemas[table.Insert] = Schemas.Record(
            "A new row. Columns that the server owns are never sent; those left out get the table's defaults.",
            keys,
            table.Pushed.Select(column => (column.Name, (IOpenApiSchema)Column(table, column))));
        schemas[table.Change] = Schemas.Record(
            "The columns that changed, without the key.",
            [],
            table.Pushed.Except(table.Keys).Select(column => (column.Name, (IOpenApiSchema)Column(table, column))));
        ((OpenApiSchema)schemas[table.Change]).MinProperties = 1;
        schemas[table.Tombstone] = Schemas.Record(
            "A row that is gone from the table, or from the user's view: its key, and where in the sequence it went.",
            [.. table.Keys.Append(TableNames.Sequence).Select(static column => (column.Name, (IOpenApiSchema)ColumnText.Json(column.Type)))]);
    }

    private static OpenApiSchema Column(TableNames table, DatasetColumn column)
    {
        var schema = ColumnText.Json(column.Type);
        schema.Description = Role(table, column);
        return table.Keys.Contains(column) || column.Type == ColumnType.Json ? schema : Schemas.Nullable(schema);
    }

    private static string? Role(TableNames table, DatasetColumn column)
    {
        var dataset = table.Dataset;
        return column switch
        {
            _ when table.Keys.Contains(column) => "Part of the key.",
            _ when column == TableNames.Sequence => "The SQL kit's commit-safe sequence; only where the kit is installed.",
            _ when column == table.Cursor => "When the row was last written. The server owns it.",
            _ when column == table.Version => "The row's version, which a change is based on. The server owns it.",
            _ when dataset.DeletedOrdinal is { } deleted && column == dataset.Columns[deleted] => "When the row was deleted; null while it is not.",
            _ => null,
        };
    }
}
