using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agent.Sync.Postgrest;
using Agent.Sync.Sqlite.Values;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Postgrest;
using CsCheck;

namespace Agent.Sync.Sqlite.Tests;

/// <summary>Any pages against a dictionary.</summary>
public sealed class ModelTests : StoreTest
{
    private static readonly Dataset Dataset = SampleDatasets.Of("notes", "body").DeletedAt("deleted_at").Build();

    private static readonly Gen<Row[][]> Pages = Gen.Select(
            Gen.Int[0, 9], Gen.Long[0, 5_000_000], Gen.String, Gen.Frequency((4, Gen.Const(false)), (1, Gen.Const(true))))
        .Select(static (id, micros, body, isDeleted) => new Row(id, micros, Clean(body), isDeleted)).Array[0, 8].Array[1, 6];

    [Fact]
    public async Task Apply_AnyPages_EqualsTheModelAndReplaysChangeNothing()
    {
        await Store.PrepareAsync(Dataset, Token);
        await Pages.SampleAsync(
            async pages =>
            {
                Execute("DELETE FROM notes; DELETE FROM agent_sync_outbox_notes");
                var model = new SortedDictionary<int, Row>();
                foreach (var page in pages)
                {
                    var expected = Apply(model, page);
                    Assert.Equal(expected, await ApplyAsync(Dataset, [.. page.Select(static row => row.ToJson())]));
                }

                Assert.Equal(model.Values.Select(static row => (row.Id, row.Body)), ReadAll());
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public async Task Apply_LastPageAgain_ChangesNothing()
    {
        await Store.PrepareAsync(Dataset, Token);
        await Pages.SampleAsync(
            async pages =>
            {
                Execute("DELETE FROM notes; DELETE FROM agent_sync_outbox_notes");
                // One row per key and page, as a server's pages have.
                var page = pages[0].DistinctBy(static row => row.Id).Select(static row => row.ToJson()).ToArray();
                await ApplyAsync(Dataset, page);
                var before = ReadAll();

                Assert.Equal(new ApplyResult(0, page.Length, 0), await ApplyAsync(Dataset, page));
                Assert.Equal(before, ReadAll());
            },
            iter: 100,
            threads: 1);
    }

    [Fact]
    public void Unescape_AnyText_IsTheTextOrLeftToAReader() =>
        Gen.OneOf(Gen.Const("\n"), Gen.Const("\t\r\b\f"), Gen.Const("\"\\"), Gen.Const("/"), Gen.Const("\u0001"), Gen.String).Array[0, 6].Sample(
            static parts =>
            {
                var text = Clean(string.Concat(parts));
                var json = System.Text.Encoding.UTF8.GetBytes(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value);
                var room = new byte[json.Length];
                var written = Sqlite.Values.JsonText.Unescape(json, room);
                Assert.Equal(json.AsSpan().IndexOf("\\u"u8) >= 0 && written < 0 ? -1 : System.Text.Encoding.UTF8.GetByteCount(text), written);
                Assert.True(written < 0 || System.Text.Encoding.UTF8.GetString(room.AsSpan(0, written)) == text);
            },
            iter: 20_000);

    [Fact]
    public void Numeric_AnyDecimal_HasTheTextOfAParameter() =>
        Gen.Decimal.Sample(
            value =>
            {
                var room = new byte[Sqlite.Values.NumericText.MaxLength];
                var digits = value.ToString(CultureInfo.InvariantCulture);
                Assert.True(Sqlite.Values.NumericText.TryWrite(System.Text.Encoding.UTF8.GetBytes(digits), room, out var written));
                Assert.Equal(
                    value.ToString("0.0###########################", CultureInfo.InvariantCulture),
                    System.Text.Encoding.UTF8.GetString(room.AsSpan(0, written)));
            },
            iter: 20_000);

    [Fact]
    public void Timestamptz_AnyInstantInAnyZone_HasTheTextOfAUtcParameter() =>
        Gen.Select(Gen.Long[DateTime.MinValue.AddDays(1).Ticks / 10, DateTime.MaxValue.AddDays(-1).Ticks / 10], Gen.Int[-839, 839]).Sample(
            (micros, minutes) =>
            {
                var value = new DateTimeOffset(micros * 10, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(minutes));
                var text = value.ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
                var room = new byte[Sqlite.Values.TimeText.MaxLength];
                var written = Sqlite.Values.TimeText.WriteTimestamptz(System.Text.Encoding.UTF8.GetBytes(text), room);
                Assert.Equal(
                    value.ToUniversalTime().ToString(@"yyyy\-MM\-dd HH\:mm\:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
                    System.Text.Encoding.UTF8.GetString(room.AsSpan(0, written)));
            },
            iter: 20_000);

    [Fact]
    public void Timestamptz_AnyTwoInstants_SortAsTheirTexts() =>
        Gen.Select(Gen.Long[0, 3_000_000], Gen.Long[0, 3_000_000]).Sample(
            static (first, second) => Math.Sign(first.CompareTo(second)) == Math.Sign(string.CompareOrdinal(TextOf(first), TextOf(second))),
            iter: 20_000);

    private static string TextOf(long micros)
    {
        var room = new byte[Sqlite.Values.TimeText.MaxLength];
        var written = Sqlite.Values.TimeText.WriteTimestamptz(System.Text.Encoding.UTF8.GetBytes(Row.Instant(micros)), room);
        return System.Text.Encoding.UTF8.GetString(room.AsSpan(0, written));
    }

    // PostgreSQL's text has neither NUL nor half a surrogate pair.
    private static string Clean(string text) =>
        new([.. text.Where(static c => c != '\0' && !char.IsSurrogate(c))]);

    private static ApplyResult Apply(SortedDictionary<int, Row> model, Row[] page)
    {
        var (applied, unchanged, deleted) = (0, 0, 0);
        foreach (var row in page)
        {
            var hasLocal = model.TryGetValue(row.Id, out var local);
            if (row.IsDeleted && hasLocal)
            {
                model.Remove(row.Id);
                deleted++;
            }
            else if (!row.IsDeleted && (!hasLocal || row.Micros != local!.Micros))
            {
                model[row.Id] = row;
                applied++;
            }
            else
            {
                unchanged++;
            }
        }

        return new ApplyResult(applied, unchanged, deleted);
    }

    private List<(int Id, string Body)> ReadAll()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, body FROM notes ORDER BY id";
        using var reader = command.ExecuteReader();
        var rows = new List<(int Id, string Body)>();
        while (reader.Read())
        {
            rows.Add((reader.GetInt32(0), reader.GetString(1)));
        }

        return rows;
    }

    private sealed record Row(int Id, long Micros, string Body, bool IsDeleted)
    {
        public static string Instant(long micros)
        {
            var time = DateTime.UnixEpoch.AddTicks(micros * 10).ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture);
            return $"{time.TrimEnd('0').TrimEnd('.')}+00:00";
        }

        public string ToJson() =>
            $$"""{"id":{{Id}},"body":"{{JsonEncodedText.Encode(Body)}}","updated_at":"{{Instant(Micros)}}","deleted_at":{{(IsDeleted ? "\"2026-01-01T00:00:00+00:00\"" : "null")}}}""";
    }
}
