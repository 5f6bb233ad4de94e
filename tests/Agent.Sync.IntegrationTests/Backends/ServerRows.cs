using System.Globalization;
using System.Text.Json;

namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>What a user may see of a dataset, read by SQL of its own and written as the local store keeps it.</summary>
internal static class ServerRows
{
    /// <summary>Between a row's values; none of the tests' values has it.</summary>
    public const char Separator = '\u001f';

    /// <summary>For null.</summary>
    public const char Null = '\u0001';

    /// <summary>Returns a hash over all rows, whatever their order.</summary>
    public static async Task<RowDigest> DigestAsync(Backend backend, TestUser user, Dataset dataset)
    {
        var rows = await backend.SqlAsync(
            $"{AsUser(user)} select count(*)::int as count, md5(coalesce(string_agg(hash, '' order by hash collate \"C\"), '')) as hash from (select md5({RowText(dataset)}) as hash {From(dataset)}) as hashes;");
        return new RowDigest(rows[0].GetProperty("count").GetInt32(), rows[0].GetProperty("hash").GetString()!);
    }

    /// <summary>Returns the rows' texts, in no order.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(Backend backend, TestUser user, Dataset dataset)
    {
        var rows = await backend.SqlAsync($"{AsUser(user)} select {RowText(dataset)} as text {From(dataset)};");
        return [.. rows.Select(static row => row.GetProperty("text").GetString()!)];
    }

    private static string AsUser(TestUser user) =>
        $$"""
        select set_config('request.jwt.claims', '{"sub":"{{user.Id}}","role":"authenticated"}', true),
            set_config('request.jwt.claim.sub', '{{user.Id}}', true), set_config('role', 'authenticated', true);
        """;

    private static string From(Dataset dataset)
    {
        var conditions = dataset.Filters.Select(static filter => $"\"{filter.Column}\" {Operator(filter.Operator)} '{filter.Value}'");
        if (dataset is { DeletedOrdinal: { } deleted, DeleteHandling: DeleteHandling.Remove })
        {
            conditions = conditions.Append($"\"{dataset.Columns[deleted].Name}\" is null");
        }

        return $"from \"{dataset.Schema}\".\"{dataset.RemoteTable}\" where {string.Join(" and ", conditions.Prepend("true"))}";
    }

    private static string Operator(FilterOperator filterOperator) => filterOperator switch
    {
        FilterOperator.Equal => "=",
        FilterOperator.NotEqual => "<>",
        FilterOperator.GreaterThan => ">",
        FilterOperator.GreaterThanOrEqual => ">=",
        FilterOperator.LessThan => "<",
        FilterOperator.LessThanOrEqual => "<=",
        _ => throw new ArgumentOutOfRangeException(nameof(filterOperator)),
    };

    private static string RowText(Dataset dataset) => string.Create(
        CultureInfo.InvariantCulture,
        $"concat_ws(chr({(int)Separator}), {string.Join(", ", dataset.Columns.Select(static column => $"coalesce({ValueText(column)}, chr({(int)Null}))"))})");

    private static string ValueText(DatasetColumn column)
    {
        var name = $"\"{column.Name}\"";
        return column.Type switch
        {
            ColumnType.Uuid => $"upper({name}::text)",
            ColumnType.Boolean => $"{name}::int::text",
            ColumnType.Timestamptz => $"rtrim(rtrim(to_char({name} at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.') || '+00:00'",
            ColumnType.Numeric => $"regexp_replace(trim_scale({name})::text, '^(-?[0-9]+)$', '\\1.0')",
            // As the embedded server writes it, and as these tests' documents allow: without blanks.
            ColumnType.Json => $"replace(replace({name}::text, '\": ', '\":'), ', ', ',')",
            _ => $"{name}::text",
        };
    }
}
