using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

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
            Content = Answers.Body(new OpenApiSchema { Type = JsonSchemaType.Array, Items = Schemas.Named(document, table.Insert) }),
        },
        Responses = Answers.Of(
            document,
            Schemas.List(Schemas.Named(document, table.Row)),
            ("200", "The rows that were written, none of them new: a merge met rows that were there, all of them."),
            ("201", "The rows that were written.")),
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
        Description = "The row is written only if it still has the version that the change is based on, unless the app chose that the client wins. Without the SQL kit only.",
        Security = Credentials.KeyAndUser(document),
        Parameters = OneRow(document, table),
        RequestBody = new OpenApiRequestBody { Required = true, Content = Answers.Body(Schemas.Named(document, table.Change)) },
        Responses = Answers.Of(document, "200", "The row as it was written; an empty array when it has another version or is gone.", Schemas.List(Schemas.Named(document, table.Row))),
        Extensions = RequestShape.ExtensionOf(OneRowShapes(table, "update", "One changed row, or the deletion of a row that is marked as deleted instead.")),
    };

    public static OpenApiOperation Delete(OpenApiDocument document, TableNames table) => new()
    {
        OperationId = table.Table + ".delete",
        Tags = new HashSet<OpenApiTagReference> { new(table.Table, document) },
        Summary = $"Deletes one row of {table.Table}",
        Description = "The row is deleted only if it still has the version that the change is based on, unless the app chose that the client wins. Without the SQL kit only, and only if the app declares no deletion timestamp for the table: that one is set otherwise.",
        Security = Credentials.KeyAndUser(document),
        Parameters = OneRow(document, table),
        Responses = Answers.Of(document, "200", "The row that was deleted; an empty array when it has another version or is gone.", Schemas.List(Schemas.Named(document, table.Row))),
        Extensions = RequestShape.ExtensionOf(OneRowShapes(table, "delete", "One deleted row.")),
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
        QueryParameters.And("A condition that no row meets."),
        .. WriteHeaders(document, Schemas.Values(null, Return)),
    ];

    private static IEnumerable<RequestShape> OneRowShapes(TableNames table, string name, string description)
    {
        ShapePart[] key = [new("select"), .. table.Keys.Select(static key => new ShapePart(key.Name))];
        ShapePart[] headers = [new(Headers.Prefer), .. Schema(table)];
        return
        [
            new RequestShape(name, description) { Query = [.. key, new(table.Version.Name)], Headers = headers },
            new RequestShape(name + "-any-version", "The same under the policy that the client wins, which does not look at the version.") { Query = key, Headers = headers },
            new RequestShape(name + "-probe", "After a refusal: the same once more so that no row is met, to tell a missing grant from a policy.")
            {
                Query = [.. key, new(table.Version.Name, IsRequired: false), new("and", PositionText.Nothing(table.Keys[0]))],
                Headers = headers,
            },
        ];
    }

    private static IEnumerable<IOpenApiParameter> WriteHeaders(OpenApiDocument document, OpenApiSchema prefer) =>
    [
        Headers.Optional(Headers.ContentProfile, Schemas.Pattern("^[A-Za-z_][A-Za-z0-9_$]*$"), "The schema; missing for public."),
        Headers.Optional(Headers.Prefer, prefer, "What becomes of a key that exists, and that the written rows come back."),
        .. Headers.Common(document),
    ];

    private static ShapePart[] Schema(TableNames table) =>
        table.Dataset.Schema == "public" ? [] : [new(Headers.ContentProfile, $"^{table.Dataset.Schema}$")];
}
