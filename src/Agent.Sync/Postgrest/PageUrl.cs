namespace Agent.Sync.Postgrest;

/// <summary>Builds the URLs of one dataset's pages. What never changes is written once; the predicate follows the order's columns.</summary>
internal sealed class PageUrl
{
    private const int StackChars = 1024;

    private readonly string _start;
    private readonly string _keyOrder;
    private readonly string _keyOrderFromEnd;
    private readonly string _cursorOrder;
    private readonly string _filters;
    private readonly string _cursor;
    private readonly string[] _keys;

    public PageUrl(string projectUrl, Dataset dataset)
    {
        _cursor = dataset.Columns[dataset.CursorOrdinal].Name;
        _keys = [.. dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Name)];
        _start = $"{projectUrl}/rest/v1/{dataset.RemoteTable}?select={string.Join(',', dataset.Columns.Select(static column => column.Name))}";
        _keyOrder = "&order=" + string.Join(',', _keys.Select(static key => key + ".asc"));
        _keyOrderFromEnd = "&order=" + string.Join(',', _keys.Select(static key => key + ".desc"));
        _cursorOrder = $"&order={_cursor}.asc.nullslast,{string.Join(',', _keys.Select(static key => key + ".asc"))}";
        _filters = Filters(dataset);
    }

    /// <summary>Returns the URL of one page. Its values come from a row: it is never logged.</summary>
    public Uri Build(PageQuery query)
    {
        var url = new UrlWriter(stackalloc char[StackChars]);
        url.Append(_start);
        if (query.After is { } after)
        {
            AppendAfter(ref url, query.Order, after);
        }

        if (query.UpTo is { } upTo)
        {
            AppendUpTo(ref url, upTo);
        }

        url.Append(_filters);
        url.Append(query switch
        {
            { Order: PageOrder.Cursor } => _cursorOrder,
            { Descending: true } => _keyOrderFromEnd,
            _ => _keyOrder,
        });
        url.Append("&limit=");
        url.Append(query.Limit);

        // The escapes are exactly those the server has to see.
        return new Uri(url.Finish(), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    /// <summary>Returns the conditions that every row of a dataset meets, each with its ampersand.</summary>
    public static string Filters(Dataset dataset)
    {
        var url = new UrlWriter(stackalloc char[StackChars]);
        foreach (var filter in dataset.Filters)
        {
            AppendCondition(ref url, filter.Column, OperatorOf(filter.Operator), filter.Value);
        }

        return url.Finish();
    }

    /// <summary>Returns the API's word for an operator.</summary>
    public static string OperatorOf(FilterOperator filterOperator) => filterOperator switch
    {
        FilterOperator.Equal => "eq",
        FilterOperator.NotEqual => "neq",
        FilterOperator.GreaterThan => "gt",
        FilterOperator.GreaterThanOrEqual => "gte",
        FilterOperator.LessThan => "lt",
        FilterOperator.LessThanOrEqual => "lte",
        _ => throw new ArgumentOutOfRangeException(nameof(filterOperator)),
    };

    internal static void AppendCondition(ref UrlWriter url, string column, string comparison, string value)
    {
        // A column may be called what a parameter is called.
        var reserved = column is "select" or "order" or "limit" or "offset" or "and" or "or" or "columns" or "on_conflict";
        url.Append(reserved ? "&and=(" : "&");
        url.Append(column);
        url.Append(reserved ? "." : "=");
        url.Append(comparison);
        url.Append(".");
        if (reserved)
        {
            url.AppendQuoted(value);
            url.Append(")");
        }
        else
        {
            url.AppendEncoded(value);
        }
    }

    internal static void AppendTerm(ref UrlWriter url, string column, string comparison, string value)
    {
        url.Append(column);
        url.Append(".");
        url.Append(comparison);
        url.Append(".");
        url.AppendQuoted(value);
    }

    private void AppendAfter(ref UrlWriter url, PageOrder order, CursorPosition after)
    {
        if (after.Order != order || after.KeyValues.Count > _keys.Length
            || (order == PageOrder.Cursor && after.KeyValues.Count < _keys.Length && !after.IsLowerBound))
        {
            throw new InvalidOperationException("The position belongs to another order than the page's.");
        }

        if (order == PageOrder.Key)
        {
            AppendAfterKey(ref url, after.KeyValues);
            return;
        }

        // Without this redundant bound PostgreSQL reads the index from its start.
        AppendCondition(ref url, _cursor, "gte", after.CursorValue!);
        if (!after.IsLowerBound)
        {
            AppendLaterThan(ref url, after);
        }
    }

    /// <summary>Appends the start of the keys. Fewer values than there are key columns leave out every key that begins with them.</summary>
    private void AppendAfterKey(ref UrlWriter url, IReadOnlyList<string> after)
    {
        if (after.Count == 1)
        {
            AppendCondition(ref url, _keys[0], "gt", after[0]);
            return;
        }

        // The redundant bound again: an index serves it, and not the tree.
        AppendCondition(ref url, _keys[0], "gte", after[0]);
        url.Append("&or=(");
        AppendKeys(ref url, after, 0, "gt", "gt");
        url.Append(")");
    }

    /// <summary>Appends the end of the keys. Fewer values than there are key columns include every key that begins with them.</summary>
    private void AppendUpTo(ref UrlWriter url, IReadOnlyList<string> upTo)
    {
        AppendCondition(ref url, _keys[0], "lte", upTo[0]);
        if (upTo.Count > 1)
        {
            // Where a range starts is in the other tree.
            url.Append("&and=(or(");
            AppendKeys(ref url, upTo, 0, "lt", "lte");
            url.Append("))");
        }
    }

    // or=(c.gt.X,and(c.eq.X,<keys after Y>))
    private void AppendLaterThan(ref UrlWriter url, CursorPosition after)
    {
        url.Append("&or=(");
        AppendTerm(ref url, _cursor, "gt", after.CursorValue!);
        url.Append(",and(");
        AppendTerm(ref url, _cursor, "eq", after.CursorValue!);
        url.Append(",");
        var composite = _keys.Length > 1;
        url.Append(composite ? "or(" : string.Empty);
        AppendKeys(ref url, after.KeyValues, 0, "gt", "gt");
        url.Append(composite ? ")))" : "))");
    }

    // k1.gt.A,and(k1.eq.A,or(k2.gt.B,and(k2.eq.B,k3.gt.C)))
    private void AppendKeys(ref UrlWriter url, IReadOnlyList<string> values, int key, string comparison, string lastComparison)
    {
        var isLast = key == values.Count - 1;
        AppendTerm(ref url, _keys[key], isLast ? lastComparison : comparison, values[key]);
        if (isLast)
        {
            return;
        }

        url.Append(",and(");
        AppendTerm(ref url, _keys[key], "eq", values[key]);
        url.Append(",");
        var more = key + 1 < values.Count - 1;
        url.Append(more ? "or(" : string.Empty);
        AppendKeys(ref url, values, key + 1, comparison, lastComparison);
        url.Append(more ? "))" : ")");
    }
}
