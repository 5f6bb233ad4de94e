using System.Globalization;
using Agent.Sync.Testing.Postgrest.Rows;
using Agent.Sync.Testing.Postgrest.Wire;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>Answers a read of a table from the model, under the user's row-level security.</summary>
internal sealed class ModelReader(PostgrestDouble server, PostgrestTable table)
{
    public ModelAnswer Read(RecordedRequest request, DoubleToken? token)
    {
        RequireGrant(token);
        var query = new QueryParser(table).Parse(request.Query);
        var preference = CountPreference(request.Header("Prefer"));
        var limit = Math.Min(query.Limit ?? int.MaxValue, server.MaxRows ?? int.MaxValue);
        var (rows, total) = Scan(query, token?.Subject, limit, isCounted: preference is not null);
        var body = RowRendering.Write(table, rows, query.Select);
        var counted = preference is null ? (long?)null : preference == "exact" ? total : server.EstimateCount(total);
        if (counted is not null && query.Offset > 0 && query.Offset >= counted)
        {
            throw new PostgrestFailure(416, "PGRST103", "Requested range not satisfiable");
        }

        var isPartial = counted > rows.Count;
        var headers = new Dictionary<string, string>
        {
            ["Content-Range"] = Range(query.Offset, rows.Count, counted),
            ["Content-Location"] = request.Path + request.Query,
            ["Content-Profile"] = table.Schema,
        };
        if (preference is not null)
        {
            headers["Preference-Applied"] = $"count={preference}";
        }

        return new ModelAnswer(isPartial ? 206 : 200, body) { Headers = headers };
    }

    private static string? CountPreference(string? prefer)
    {
        foreach (var item in (prefer ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.StartsWith("count=", StringComparison.Ordinal))
            {
                return item["count=".Length..] is "exact" or "planned" or "estimated" ? item["count=".Length..] : null;
            }
        }

        return null;
    }

    private static string Range(int offset, int count, long? total)
    {
        var known = total?.ToString(CultureInfo.InvariantCulture) ?? "*";
        return count == 0 ? $"*/{known}" : string.Create(CultureInfo.InvariantCulture, $"{offset}-{offset + count - 1}/{known}");
    }

    private void RequireGrant(DoubleToken? token)
    {
        if (token is null ? !table.IsReadableByAnyone : !table.IsReadable)
        {
            throw new PostgrestFailure(token is null ? 401 : 403, "42501", $"permission denied for table {table.Name}");
        }
    }

    private (List<TableRow> Rows, long Total) Scan(TableQuery query, string? sub, int limit, bool isCounted)
    {
        var sorted = table.Sorted(query);
        List<TableRow> rows = [];
        long total = 0;
        for (var index = Start(sorted, query); index < sorted.Length && (isCounted || rows.Count < limit); index++)
        {
            var row = sorted[index];
            if (!table.IsVisible(row, sub) || !query.Matches(row))
            {
                continue;
            }

            if (++total > query.Offset && rows.Count < limit)
            {
                rows.Add(row);
            }
        }

        return (rows, total);
    }

    /// <summary>Finds the first row that a lower bound on the leading order column lets through, as an index scan does.</summary>
    private static int Start(TableRow[] sorted, TableQuery query)
    {
        if (query.Order.Count == 0 || query.Order[0] is { IsDescending: true } or { NullsFirst: true })
        {
            return 0;
        }

        var start = 0;
        foreach (var bound in query.Comparisons.Where(item => item.IsLowerBound && item.Column == query.Order[0].Column))
        {
            var high = sorted.Length;
            while (start < high)
            {
                var middle = start + ((high - start) / 2);
                if (bound.Evaluate(sorted[middle]) == false)
                {
                    start = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }
        }

        return start;
    }
}
