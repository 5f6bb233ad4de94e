using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>PostgREST's query parameters. Their values are described as they are after percent-decoding.</summary>
internal static class QueryParameters
{
    public const string ConflictTarget = "on_conflict";

    public static OpenApiParameter Select(TableNames table) =>
        Create("select", Schemas.Pattern(TableNames.Columns(table.AllColumns)), "The columns of the dataset, by name: never all by a star.", isRequired: true);

    public static OpenApiParameter Order() =>
        Create("order", Schemas.Pattern(@"^[A-Za-z0-9_$.,]+$"), "The order that the position belongs to: the key, or a column that rises with every change and then the key.");

    public static OpenApiParameter Limit() =>
        Create("limit", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "1000" }, "Rows per page: the page size, or less after a statement timeout or a page with too many bytes.");

    public static OpenApiParameter Or() =>
        Create("or", Schemas.Pattern(@"^\([\s\S]+\)$"), "Everything after a row's position. The values are those of that row, in double quotes.");

    public static OpenApiParameter And(string description) => Create("and", Schemas.Pattern(@"^\([\s\S]+\)$"), description);

    public static OpenApiParameter Columns(TableNames table) =>
        Create("columns", Schemas.Pattern(TableNames.Columns(table.Pushed)), "The columns that every row of the body has.");

    public static OpenApiParameter OnConflict(TableNames table) =>
        Create(ConflictTarget, Schemas.Pattern(TableNames.Exactly(table.Keys)), "The key: what makes two rows the same.");

    /// <summary>Conditions on a column; the name may come several times, and all must hold.</summary>
    public static OpenApiParameter Column(DatasetColumn column) => Create(
        column.Name,
        Schemas.List(Schemas.Pattern(@"^(?:(?:eq|neq|gt|gte|lt|lte)\.[\s\S]*|is\.null)$")),
        "A position's lower bound, the end of a part of the keys, a key or time that is looked for, or a filter that the app set on its dataset. Each is an operator and a value.");

    public static OpenApiParameter Equal(DatasetColumn column, string description) =>
        Create(column.Name, Schemas.Pattern($@"^(?:is\.null|eq\.{ColumnText.Bare(column.Type)})$"), description);

    public static OpenApiParameter Create(string name, OpenApiSchema schema, string description, bool isRequired = false) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Required = isRequired,
        Schema = schema,
        Description = description,
    };
}
