using System.Globalization;
using System.Text;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.Kit;
using Agent.Sync.Verify;

namespace Agent.Sync.IntegrationTests.Verify;

/// <summary>The SQL kit and the library write the same text for a value, of every type, from PostgreSQL's own JSON.</summary>
public sealed class DigestTypeTests(BackendFixture backends)
{
    private static int _tables;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColumnType.Uuid, "uuid", "'ABCDEF00-0000-4000-8000-00000000000F'")]
    [InlineData(ColumnType.Integer, "bigint", "9223372036854775807", "-9223372036854775808", "0", "9007199254740993")]
    [InlineData(ColumnType.Integer, "smallint", "-32768")]
    [InlineData(ColumnType.Text, "text", "''", "'null'", "E'tab\\t \"quoted\" back\\\\slash \\u0001 \\u007f'", "'Zürich 𝒳 \u200d e\u0301'", "E'line\\r\\nend \\b\\f'", "repeat('x', 5000)")]
    [InlineData(ColumnType.Text, "varchar(20)", "'abc  '")]
    [InlineData(ColumnType.Text, "char(5)", "'ab'", "''")]
    [InlineData(ColumnType.Text, "inet", "'10.0.0.1/8'")]
    [InlineData(ColumnType.Text, "interval", "'1 mon 2 days 03:04:05.5'")]
    [InlineData(ColumnType.Text, "bit(4)", "B'1010'")]
    [InlineData(ColumnType.Boolean, "boolean", "true", "false")]
    [InlineData(ColumnType.Double, "double precision", "0", "'-0'", "1.5", "1e300", "5e-324", "'NaN'", "'Infinity'", "'-Infinity'", "0.1", "123456789.123456789")]
    [InlineData(ColumnType.Double, "real", "0.1", "16777216", "1e38", "'NaN'", "'-Infinity'", "1e-40")]
    [InlineData(ColumnType.Numeric, "numeric", "0", "1.50", "100", "-0.000000000000000000000000001", "1e-20", "1e50", "'NaN'", "'Infinity'", "123456789012345678901234567890.120", "0.00")]
    [InlineData(ColumnType.Timestamptz, "timestamptz", "'2026-01-01 00:00:00.123450+00'", "'1969-12-31 23:59:59.999999+00'", "'infinity'", "'-infinity'", "'0044-03-15 12:00:00+00 BC'", "'12345-01-01 00:00:00+00'", "'294270-12-31 00:00:00+00'", "'1890-01-01 00:00:00.000001+01:22:33'")]
    [InlineData(ColumnType.Timestamp, "timestamp", "'2026-01-01 10:11:12.5'", "'infinity'", "'-infinity'", "'0044-03-15 12:00:00 BC'", "'12345-01-01 00:00:00'")]
    [InlineData(ColumnType.Date, "date", "'2024-02-29'", "'infinity'", "'0044-03-15 BC'", "'12345-01-01'")]
    [InlineData(ColumnType.Time, "time", "'00:00:00'", "'23:59:59.999999'", "'24:00:00'", "'12:30:00.1'")]
    [InlineData(ColumnType.Bytes, "bytea", "'\\x'", "'\\x00FFab'")]
    [InlineData(ColumnType.Json, "jsonb", "'{\"bb\":1,\"a\":[1, 2.50, -0, 1e3, 1.5e-3],\"c\":{\"z\":null}}'", "'\"text\"'", "'null'", "'[]'", "'{}'", "'1.10'", "'\"\\u00e9\\u0007 \\\\ \\\"\"'", "'{\"é\":1,\"zz\":2,\"a\":3,\"\":4}'", "'123456789012345678901234567890.5'", "'true'")]
    [InlineData(ColumnType.Json, "integer[]", "'{1,null,3}'", "'{}'", "'{{1,2},{3,4}}'")]
    [InlineData(ColumnType.Json, "text[]", "array['a\"b', null, '', 'é']")]
    [InlineData(ColumnType.Json, "double precision[]", "'{1.5,NaN,1e300}'")]
    [InlineData(ColumnType.Json, "numeric[]", "'{1.50,100}'")]
    [InlineData(ColumnType.Json, "boolean[]", "'{t,f}'")]
    public async Task Digest_ValueOfAnyType_IsWhatTheLibraryHashes(ColumnType type, string sqlType, params string[] values)
    {
        var dataset = await MakeAsync(type, sqlType, [.. values, "null"]);
        int[] columns = [.. Enumerable.Range(0, dataset.Columns.Count)];

        var answer = await AskAsync(dataset, columns);

        Assert.Empty(answer.Omitted);
        var hasher = new RowHasher(dataset, columns);
        var texts = await JsonAsync(dataset);
        Assert.Equal(values.Length + 1, texts.Count);
        Assert.Equal(texts.Select(text => hasher.Hash(Encoding.UTF8.GetBytes(text)).Row), answer.Rows.Select(static row => row.Hash));
    }

    [Theory]
    [InlineData(ColumnType.Uuid, "uuid", "gen_random_uuid()")]
    [InlineData(ColumnType.Text, "text", "'Key ' || i || E' é \"\\\\'")]
    [InlineData(ColumnType.Text, "text collate \"C\"", "'b' || i")]
    [InlineData(ColumnType.Text, "varchar(40) collate \"en-x-icu\"", "case i % 3 when 0 then 'a' when 1 then 'B' else 'ä' end || i")]
    [InlineData(ColumnType.Text, "char(8)", "'k' || i")]
    [InlineData(ColumnType.Integer, "smallint", "i - 25")]
    [InlineData(ColumnType.Integer, "bigint", "9007199254740990 + i")]
    public async Task Digest_KeyOfAnyType_WalksOverEveryRowAndTellsItsBucket(ColumnType type, string sqlType, string value)
    {
        await using var table = await MakeKeyedAsync(type, sqlType, value);
        var (dataset, keys) = (table.Dataset, new[] { 0, 1 });
        var found = new List<DigestRow>();
        var sums = new BucketTable();
        IReadOnlyList<string>? after = null;
        do
        {
            var listed = await AskAsync(dataset, keys, after, rows: 7);
            var summed = await AskAsync(dataset, keys, after, rows: 7, only: null);
            Assert.Equal(listed.Walked, summed.Walked);
            Assert.Equal(listed.Last, summed.Last);
            found.AddRange(listed.Rows);
            foreach (var bucket in summed.Buckets)
            {
                sums.Add(bucket.Bucket, bucket.Rows, bucket.Hash);
            }

            after = listed.Last;
        }
        while (after is not null);

        var expected = new BucketTable();
        var hasher = new RowHasher(dataset, keys);
        foreach (var hash in (await JsonAsync(dataset)).Select(text => hasher.Hash(Encoding.UTF8.GetBytes(text))))
        {
            expected.Add(hash.Bucket, hash.Row);
        }

        Assert.Equal(50, found.DistinctBy(static row => row.Key[0]).Count());
        Assert.Equal(expected.ToBytes(), sums.ToBytes());
    }

    [Theory]
    [InlineData(ColumnType.Json, "json", "'{\"a\":1}'")]
    [InlineData(ColumnType.Json, "timestamptz[]", "array[now()]")]
    [InlineData(ColumnType.Text, "numeric", "1")]
    [InlineData(ColumnType.Integer, "numeric", "1")]
    public async Task Digest_TypeThatBothSidesWriteDifferently_IsLeftOutAndNamed(ColumnType type, string sqlType, string value)
    {
        var dataset = await MakeAsync(type, sqlType, value);

        Assert.Equal(["value"], (await AskAsync(dataset, [0, 1, 2])).Omitted);
    }

    private async Task<Dataset> MakeAsync(ColumnType type, string sqlType, params string[] values)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"digest_{Interlocked.Increment(ref _tables)}");
        await backends.Main.SqlAsync($"create table public.{name} (id bigint primary key, value {sqlType}, updated_at timestamptz not null default now()); select agent_sync.enable('public.{name}');");
        for (var row = 0; row < values.Length; row++)
        {
            await backends.Main.SqlAsync(string.Create(CultureInfo.InvariantCulture, $"insert into public.{name} (id, value) values ({row}, {values[row]})"));
        }

        return Dataset.Define(name).Key("id", ColumnType.Integer).Column("value", type).UpdatedAt("updated_at").Build().WithSequence().WithColumns([0, 1, 3]);
    }

    private async Task<KeyedTable> MakeKeyedAsync(ColumnType type, string sqlType, string value)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"digest_{Interlocked.Increment(ref _tables)}");
        await backends.Main.SqlAsync(
            $"create table public.{name} (id {sqlType} primary key, updated_at timestamptz not null default now()); select agent_sync.enable('public.{name}'); insert into public.{name} (id) select {value} from generate_series(1, 50) as i;");
        return new KeyedTable(backends.Main, Dataset.Define(name).Key("id", type).UpdatedAt("updated_at").Build().WithSequence().WithColumns([0, 2]));
    }

    private async Task<DigestAnswer> AskAsync(Dataset dataset, IReadOnlyList<int> columns, IReadOnlyList<string>? after = null, int rows = 1000) =>
        await AskAsync(dataset, columns, after, rows, [.. Enumerable.Range(0, BucketTable.Count)]);

    private async Task<DigestAnswer> AskAsync(Dataset dataset, IReadOnlyList<int> columns, IReadOnlyList<string>? after, int rows, IReadOnlyList<int>? only)
    {
        var call = new DigestCall(dataset, columns, after, rows, only).ToCall();
        var request = Encoding.UTF8.GetString(call.Body.Span)["{\"request\":".Length..^1].Replace("'", "''", StringComparison.Ordinal);
        var answer = await backends.Main.Host.SqlAsync($"select agent_sync.digest('{request}'::jsonb)::text as answer", cancellationToken: Cancelled);
        var read = DigestAnswer.Read(Encoding.UTF8.GetBytes(answer[0].GetProperty("answer").GetString()!), 1);
        return read;
    }

    /// <summary>Returns the rows as PostgreSQL writes them for the API, in the order of their keys.</summary>
    private async Task<IReadOnlyList<string>> JsonAsync(Dataset dataset)
    {
        var rows = await backends.Main.SqlAsync($"select row_to_json(t)::text as text from public.{dataset.RemoteTable} t order by id");
        return [.. rows.Select(static row => row.GetProperty("text").GetString()!)];
    }

    private sealed record KeyedTable(Backend Backend, Dataset Dataset) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Backend.SqlAsync($"select agent_sync.disable('public.{Dataset.RemoteTable}'); drop table public.{Dataset.RemoteTable}");
    }
}
