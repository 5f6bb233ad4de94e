using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>What is read from a table and, with the SQL kit, from its tombstones.</summary>
internal static class TableReads
{
    public static OpenApiOperation Describe(OpenApiDocument document, TableNames table) => new()
    {
        OperationId = table.Table + ".read",
        Tags = new HashSet<OpenApiTagReference> { new(table.Table, document) },
        Summary = $"Reads rows of {table.Table}",
        Description = "Rows come in pages, each of which starts after the last row of the one before: never by offset.",
        Security = Credentials.KeyAndUser(document),
        Parameters =
        [
            QueryParameters.Select(table),
            QueryParameters.Order(),
            QueryParameters.Limit(),
            QueryParameters.Or(),
            QueryParameters.And("Rows by their keys, a list of values in double quotes; or the end of a part of the keys."),
            .. FilteredColumns(table).Select(column => QueryParameters.Column(column)),
            Headers.Optional(Headers.AcceptProfile, Schemas.Pattern("^[A-Za-z_][A-Za-z0-9_$]*$"), "The schema; missing for public. With the SQL kit, agent_sync holds the tombstones under the table's name."),
            Headers.Optional(Headers.Prefer, Schemas.Values(null, "count=exact", "count=estimated"), "Asks for the number of rows along with the first page of a pass, for its progress."),
            .. Headers.Common(document),
        ],
        Responses = Answers.Of(
            document,
            "200",
            "The rows; fewer than the limit when the server's own limit is lower. Also 206 when a count was asked for. An empty array ends a pass.",
            Schemas.List(Schemas.OneOf(Schemas.Named(document, table.Row), Schemas.Named(document, table.Tombstone)))),
        Extensions = RequestShape.ExtensionOf([ByKey(table), LastKey(table), ByCursor(table), BySequence(table), Tombstones(table), ReadBack(table), .. ReadBackEmpty(table), .. TableLooks.Of(table)]),
    };

    private static RequestShape ByKey(TableNames table) => new("page-by-key", "A page of a first sync or a full resync: every row, in the order of the key. Where several requests are under way, each reads a part of the keys.")
    {
        Query = [.. Page(table, table.Order(null)), .. AfterKey(table)],
        Headers = [.. Schema(table), Count()],
        Filters = true,
    };

    private static RequestShape LastKey(TableNames table) => new("last-key", "The last row in the order of the key, before a first sync or a full resync reads several parts of the keys at once.")
    {
        Query = [new("select"), new("order", table.OrderFromEnd), new("limit", "^1$")],
        Headers = Schema(table),
        Filters = true,
    };

    private static RequestShape ByCursor(TableNames table) => new("page-by-cursor", $"A page of what changed, in the order of {table.Cursor.Name} and the key.")
    {
        Query = [.. Page(table, table.Order(table.Cursor)), .. AfterCursor(table, table.Cursor)],
        Headers = [.. Schema(table), Count()],
        Filters = true,
    };

    private static RequestShape BySequence(TableNames table) => new("page-by-sequence", "With the SQL kit: a page of what changed, in the order of the commit-safe sequence and the key.")
    {
        Query = [.. Page(table, table.Order(TableNames.Sequence)), .. AfterCursor(table, TableNames.Sequence)],
        Headers = [.. Schema(table), Count()],
        Filters = true,
    };

    private static RequestShape Tombstones(TableNames table) => new("tombstones", "With the SQL kit: a page of the rows that are gone.")
    {
        Query =
        [
            new("select", TableNames.Exactly([.. table.Keys, TableNames.Sequence])),
            new("order", table.Order(TableNames.Sequence)),
            new("limit"),
            .. AfterCursor(table, TableNames.Sequence),
        ],
        Headers = [new(Headers.AcceptProfile, "^agent_sync$"), Count()],
        Filters = true,
    };

    private static RequestShape ReadBack(TableNames table) => new(
        "read-back", "After a write without the SQL kit that changed nothing: the rows as they are now, by their keys, to tell a conflict from a request that was answered before.")
    {
        Query = [new("select"), OfKeys(table)],
        Headers = Schema(table),
    };

    // A list of one empty text is a list of nothing to PostgREST.
    private static IEnumerable<RequestShape> ReadBackEmpty(TableNames table) => table.Keys is not [{ Type: ColumnType.Text } key]
        ? []
        : [new RequestShape("read-back-empty", "The same for the one row whose key is the empty text.") { Query = [new("select"), new(key.Name, @"^eq\.$")], Headers = Schema(table) }];

    private static IEnumerable<ShapePart> Page(TableNames table, string order) =>
        [new("select"), new("order", order), new("limit")];

    private static IEnumerable<ShapePart> AfterKey(TableNames table)
    {
        var first = table.Keys[0];
        var value = ColumnText.Bare(first.Type);
        return table.Keys.Count == 1
            ? [new(first.Name, $@"^gt\.{value}$", IsRequired: false)]
            :
            [
                new(first.Name, $@"^gte?\.{value}$", IsRequired: false),
                new("or", PositionText.AfterKey(table.Keys), IsRequired: false) { With = first.Name },
                new("and", PositionText.UpToKey(table.Keys), IsRequired: false) { With = first.Name },
            ];
    }

    private static IEnumerable<ShapePart> AfterCursor(TableNames table, DatasetColumn cursor) =>
    [
        new(cursor.Name, $@"^gte\.{ColumnText.Bare(cursor.Type)}$", IsRequired: false),
        new("or", PositionText.AfterCursor(cursor, table.Keys), IsRequired: false) { With = cursor.Name },
    ];

    private static ShapePart OfKeys(TableNames table) =>
        table.Keys.Count == 1 ? new("and", PositionText.KeyList(table.Keys[0])) : new("or", PositionText.KeyAlternatives(table.Keys));

    private static ShapePart Count() => new(Headers.Prefer, "^count=(?:exact|estimated)$", IsRequired: false);

    /// <summary>Returns what says the table's schema.</summary>
    public static ShapePart[] Schema(TableNames table) =>
        table.Dataset.Schema == "public" ? [] : [new(Headers.AcceptProfile, $"^{table.Dataset.Schema}$")];

    private static IEnumerable<DatasetColumn> FilteredColumns(TableNames table) => table.AllColumns.Concat(table.Dataset.Filters
        .Select(static filter => filter.Column)
        .Except(table.AllColumns.Select(static column => column.Name), StringComparer.Ordinal)
        .Select(static name => new DatasetColumn(name, ColumnType.Text)));
}
