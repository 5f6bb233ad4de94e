using Microsoft.OpenApi;

namespace OpenApi.Describing;

/// <summary>How changes go up to a table without the SQL kit.</summary>
internal static class TableWrites
{
    private const string Ignore = "resolution=ignore-duplicates,return=representation";
    private const string Merge = "resolution=merge-duplicates,return=representation";
    private const string Return = "return=representation";

    public static OpenApiOperation Insert(OpenApiDocument document, TableNames table) => new()
    {
        OperationId = table.Table + ".insert",
        Tags = new HashSet<OpenApiTagReference> { new(table.Table, document) },
        Summary = $"Adds rows to {table.Table}",
        Description = "A batch of the user's new rows, all with the same columns and no key twice. Without the SQL kit only.",
        Security = Credentials.KeyAndUser(document),
        Parameters =
        [
            QueryParameters.Columns(table),
            QueryParameters.Select(table),
            QueryParameters.OnConflict(table),
            .. WriteHeaders(document, Schemas.Values(null, Ignore, Merge)),
        ],
        RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = Answers.Body(new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, MaxItems = 1000, Items = Schemas.Named(document, table.Insert) }),
        },
        Responses = Answers.Of(document, "201", "The rows that were written.", Schemas.List(Schemas.Named(document, table.Row))),
        Extensions = RequestShape.ExtensionOf(
            new RequestShape("insert", "New rows. A key that exists already is left as it is, and looked at afterwards.")
            {
                Query = Bulk(table),
                Headers = [new(Headers.Prefer, $"^{Ignore}$"), .. Schema(table)],
            },
            new RequestShape("merge", "Changed rows under the policy that the client wins, the only one that writes over what it has not seen.")
            {
                Query = Bulk(table),
                Headers = [new(Headers.Prefer, $"^{Merge}$"), .. Schema(table)],
            }),
    };

    public static OpenApiOperation Update(OpenApiDocument document, TableNames table) => new()
    {
        OperationId = table.Table + ".update",
        Tags = new HashSet<OpenApiTagReference> { new(table.Table, document) },
        Summary = $"Changes one row of {table.Table}",
        Description = "The row is written only if it still has the version that the change is based on. Without the SQL kit only.",
        Security = Credentials.KeyAndUser(document),
        Parameters = OneRow(document, table),
        RequestBody = new OpenApiRequestBody { Required = true, Content = Answers.Body(Schemas.Named(document, table.Change)) },
        Responses = Answers.Of(document, "200", "The row as it was written; an empty array when it has another version or is gone.", Schemas.List(Schemas.Named(document, table.Row))),
        Extensions = RequestShape.ExtensionOf(new RequestShape("update", "One changed row.") { Query = OneRowQuery(table), Headers = OneRowHeaders(table) }),
    };

    public static OpenApiOperation Delete(OpenApiDocument document, TableNames table) => new()
    {
        OperationId = table.Table + ".delete",
        Tags = new HashSet<OpenApiTagReference> { new(table.Table, document) },
        Summary = $"Deletes one row of {table.Table}",
        Description = "The row is deleted only if it still has the version that the change is based on. Without the SQL kit only; a dataset with a deletion timestamp sets that one instead.",
        Security = Credentials.KeyAndUser(document),
        Parameters = OneRow(document, table),
        Responses = Answers.Of(document, "200", "The row that was deleted; an empty array when it has another version or is gone.", Schemas.List(Schemas.Named(document, table.Row))),
        Extensions = RequestShape.ExtensionOf(new RequestShape("delete", "One deleted row.") { Query = OneRowQuery(table), Headers = OneRowHeaders(table) }),
    };

    private static ShapePart[] Bulk(TableNames table) =>
    [
        new("columns"),
        new("select"),
        new(QueryParameters.ConflictTarget),
    ];

    private static List<IOpenApiParameter> OneRow(OpenApiDocument document, TableNames table) =>
    [
        QueryParameters.Select(table),
        .. table.Keys.Select(static key => QueryParameters.Equal(key, "The row's key.")),
        QueryParameters.Equal(table.Version, "The version that the change is based on."),
        .. WriteHeaders(document, Schemas.Values(null, Return)),
    ];

    private static ShapePart[] OneRowQuery(TableNames table) =>
    [
        new("select"),
        .. table.Keys.Select(static key => new ShapePart(key.Name, $@"^eq\.{ColumnText.Bare(key.Type)}$")),
        new(table.Version.Name, $@"^eq\.{ColumnText.Bare(table.Version.Type)}$"),
    ];

    private static ShapePart[] OneRowHeaders(TableNames table) => [new(Headers.Prefer, $"^{Return}$"), .. Schema(table)];

    private static IEnumerable<IOpenApiParameter> WriteHeaders(OpenApiDocument document, OpenApiSchema prefer) =>
    [
        Headers.Optional(Headers.ContentProfile, Schemas.Pattern("^[A-Za-z_][A-Za-z0-9_$]*$"), "The schema; missing for public."),
        Headers.Optional(Headers.Prefer, prefer, "What becomes of a key that exists, and that the written rows come back."),
        .. Headers.Common(document),
    ];

    private static ShapePart[] Schema(TableNames table) =>
        table.Dataset.Schema == "public" ? [] : [new(Headers.ContentProfile, $"^{table.Dataset.Schema}$")];
}
