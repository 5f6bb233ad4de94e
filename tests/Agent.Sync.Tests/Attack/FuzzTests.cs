using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using Agent.Sync.Auth;
using Agent.Sync.Checkpoints;
using Agent.Sync.Engine;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Kit;
using Agent.Sync.Push.Rows;
using Agent.Sync.Resilience;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Attack;

/// <summary>Bytes that are nearly right, for everything that reads what comes from outside: right answers or typed failures, never anything else.</summary>
public sealed class FuzzTests
{
    private static readonly Dataset Dataset = Dataset.Define("items").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Column("data", ColumnType.Json)
        .Column("amount", ColumnType.Numeric).Column("on", ColumnType.Boolean).Column("size", ColumnType.Double).UpdatedAt("updated_at").Build();

    private static readonly string[] Pages =
    [
        "[]",
        """[{"id":1,"name":"a","data":{"a":[1,2]},"amount":1.50,"on":true,"size":1.5,"updated_at":"2026-01-01T00:00:00+00:00"},{"id":2,"name":"\u00e4\n","data":"x","amount":"NaN","on":null,"size":"Infinity","updated_at":"2026-01-01T00:00:01+00:00"}]""",
        """[{"updated_at":"2026-01-01T00:00:00+00:00","size":null,"on":false,"amount":null,"data":null,"name":null,"id":null,"more":[{"id":1}]}]""",
    ];

    private static readonly ContentSeal Seal = new([], new byte[32]);
    private static readonly CheckpointId Checkpoint = CheckpointId.For(Dataset);

    [Fact]
    public void PageParser_AnyBytes_AgreesWithSystemTextJson() => Fuzz.Run(
        static bytes =>
        {
            var expected = PageOracle.Read(Dataset, bytes);
            try
            {
                using var page = Page.Parse(Dataset, bytes);
                Assert.NotNull(expected);
                Assert.Equal(expected, PageOracle.Describe(page));
            }
            catch (SyncException)
            {
                Assert.Null(expected);
            }
        },
        Pages);

    [Fact]
    public void ErrorBody_AnyBytes_GivesACodeOrADeclaredColumnOrNothing() => Fuzz.Run(
        static bytes =>
        {
            var code = ErrorCode.FromJson(bytes);
            Assert.True(code is null || ErrorCode.IsCode(code));
            if (PageOracle.CodeOf(bytes) is { } known)
            {
                // Half a surrogate pair before the code ends the reading.
                Assert.True(code == known || (code is null && bytes.AsSpan().IndexOf("\\u"u8) >= 0));
            }

            var names = Dataset.Columns.Select(static column => column.Name).Append(null);
            Assert.Contains(ErrorColumn.Find(bytes, Dataset), names);
            Assert.Contains(MissingColumn.Find("42703", bytes, Dataset), names);
            Assert.True(AuthErrorCode.FromJson(bytes) is null or { Length: < 40 });
        },
        """{"code":"42703","message":"column items.name does not exist","details":null,"hint":null}""",
        """{"message":"null value in column \"name\" of relation \"items\"","code":"23502"}""",
        """{"code":400,"error_code":"invalid_credentials","msg":"x"}""",
        """{"error":"invalid_grant","error_description":"x"}""");

    [Fact]
    public void Headers_AnyValues_GiveAValueInRangeOrNothing() => Fuzz.Run(
        static bytes =>
        {
            var text = Encoding.Latin1.GetString(bytes);
            var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            Assert.True(RetryAfter.Parse(text, now) is null or { Ticks: >= 0 });
            Assert.True(ContentRange.ParseTotal(text) is null or >= 0);
            using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new ByteArrayContent(bytes) };
            foreach (var name in (string[])["Retry-After", "Date", "Proxy-Status", "Content-Range", "Content-Type"])
            {
                _ = response.Headers.TryAddWithoutValidation(name, text) || response.Content.Headers.TryAddWithoutValidation(name, text);
            }

            Assert.True(RetryAfter.Of(response, new FakeTimeProvider(now)) is null or { Ticks: >= 0 });
            Assert.True(ContentRange.TotalOf(response.Content.Headers) is null or >= 0);
            _ = MediaTypes.IsJson(response.Content.Headers.ContentType);
            var read = ErrorCode.ReadAsync(response, Dataset, CancellationToken.None);
            Assert.True(read.IsCompleted && (read.Result.Code is not { } code || ErrorCode.IsCode(code)));
        },
        "120", "Thu, 01 Jan 2026 00:01:00 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "0-99/12345", "*/0", "PostgREST; error=PGRST116", "application/json; charset=utf-8");

    [Fact]
    public void JwtClaims_AnyPayload_AreThoseOfAStrictReaderOrNone() => Fuzz.Run(
        static bytes =>
        {
            var token = $"e30.{Base64Url.EncodeToString(bytes)}.xxxx";
            var claims = JwtClaims.TryRead(token);
            Assert.True(claims is null || PageOracle.ClaimsOf(bytes) == (claims.Subject, claims.Role));
            Assert.True(claims is not null || PageOracle.ClaimsOf(bytes) is null, Encoding.Latin1.GetString(bytes));
            _ = JwtClaims.TryRead(Encoding.Latin1.GetString(bytes));
            _ = JwtClaims.HoldsForeign(Encoding.Latin1.GetString(bytes));
        },
        """{"sub":"user-1","role":"authenticated","exp":1}""", """{"aud":["x"],"role":"authenticated","sub":"user-1"}""");

    [Fact]
    public void CheckpointContent_AnyBytes_IsRefusedTypedOrReadTheSame() => Fuzz.Run(
        static bytes =>
        {
            try
            {
                var state = CheckpointCodec.Read(Seal, Checkpoint, "items", Seal.Seal($"checkpoint {Checkpoint.Id}", bytes));
                var again = CheckpointCodec.Read(Seal, Checkpoint, "items", CheckpointCodec.Write(Seal, Checkpoint, state));
                Assert.Equal(CheckpointJson.Write(state), CheckpointJson.Write(again));
            }
            catch (SyncProtocolException)
            {
                // A later version's, for all that this one knows.
            }

            Assert.Throws<SyncProtocolException>(() => CheckpointCodec.Read(Seal, Checkpoint, "items", bytes));
        },
        Encoding.UTF8.GetString(CheckpointJson.Write(States.Backfill())), Encoding.UTF8.GetString(CheckpointJson.Write(States.Delta("2026-01-01T00:00:00+00:00"))));

    [Fact]
    public void CursorToken_AnyEditOfAGoodOne_IsRefusedTyped()
    {
        var tokens = new CursorTokens(Seal, Dataset, ScopeStamp.For(Dataset, new Uri("https://x.test"), "user", "authenticated"));
        var good = tokens.Issue(new CursorPosition(PageOrder.Cursor, "2026-01-01T00:00:00+00:00", ["1"])).ToToken();
        Fuzz.Run(
            bytes =>
            {
                var token = Encoding.Latin1.GetString(bytes);
                try
                {
                    tokens.Open(Cursor.FromToken(token));
                    Assert.Equal(good, token);
                }
                catch (SyncProtocolException exception)
                {
                    Assert.Equal(SyncErrorKind.CursorRefused, exception.Kind);
                    Assert.NotEqual(good, token);
                }
            },
            good);
    }

    [Fact]
    public void PushAnswers_AnyBytes_HaveOneOutcomePerChangeOrAreRefusedTyped()
    {
        Guid[] operations = [new(1, 0, 0, new byte[8]), new(2, 0, 0, new byte[8])];
        PendingChange[] changes = [.. operations.Select(static (operation, index) => new PendingChange(index + 1, operation, ChangeKind.Update, ["name"], Encoding.UTF8.GetBytes($$"""{"id":{{index + 1}}}"""), default, "{}"u8.ToArray()))];
        Fuzz.Run(
            bytes =>
            {
                using var result = new BatchResult(new PushBatch(null!, changes), new PushState(new PushOptions()));
                try
                {
                    KitAnswer.Read(Dataset, bytes, result, 0, 2, 64);
                    Assert.Equal([0, 1], result.Outcomes.ToArray().Select(static outcome => outcome.Index));
                    Assert.All(result.Outcomes.ToArray(), static outcome => Assert.True(outcome.Code is null || ErrorCode.IsCode(outcome.Code)));
                }
                catch (SyncException)
                {
                    Assert.Equal(0, result.Outcomes.Length);
                }

                try
                {
                    using var page = Page.Parse(Dataset, bytes);
                    var rows = new int[2];
                    AskedRows.Require(Dataset, changes, page, rows, RowMatch.Find(changes, page, rows));
                }
                catch (SyncException)
                {
                    // Not such rows.
                }
            },
            $$"""{"rows":[{"id":1,"name":"a","data":null,"amount":null,"on":null,"size":null,"updated_at":"2026-01-01T00:00:00+00:00"}],"outcomes":[{"op":"{{operations[0]}}","status":"applied","row":0},{"op":"{{operations[1]}}","status":"rejected","row":null,"code":"23514","constraint":"c"}]}""",
            Pages[1]);
    }

    [Fact]
    public void HorizonAnswer_AnyBytes_IsInOrderOrRefusedTyped() => Fuzz.Run(
        static bytes =>
        {
            try
            {
                var horizon = KitAnswerReader.Read(bytes).Horizon;
                Assert.True(horizon.Value >= 0 && horizon.Value <= horizon.Next && horizon.Age >= TimeSpan.Zero);
            }
            catch (SyncException)
            {
                // Not the kit's.
            }
        },
        """{"kit":2,"server_time":"2026-01-01T00:00:00+00:00","horizon":"100","next":"101","oldest_writer_since":null,"tables":{"public.items":{"epoch":"e","min_retained":"1","tombstones":"t","key":["id"],"columns":["id"],"problem":null,"needs_restamp":false,"policies_changed":false},"public.other":null}}""");

    [Fact]
    public void DatasetConfiguration_AnyKeysAndValues_IsReadOrRefusedAsOptions()
    {
        string[] words = ["Name", "Schema", "Table", "LocalTable", "Key", "Version", "UpdatedAt", "DeletedAt", "DeleteHandling", "ServerOwned", "OnConflict", "Where", "Columns", "LocalColumns", "Column", "Operator", "Value", "0", "1", "99999999999", "-1", "id", "name", "updated_at", "uuid", "text", "timestamptz", "Equal", "Mark", "", " ", "a b", "\0", "\ud800", "x:y"];
        var word = Gen.Int[0, words.Length - 1].Select(number => words[number]);
        Gen.Select(word.Array[1, 4], word).Array[0, 12].Sample(
            pairs =>
            {
                Dictionary<string, string?> all = new(StringComparer.OrdinalIgnoreCase) { ["D:0:Table"] = "items", ["D:0:Key"] = "id", ["D:0:UpdatedAt"] = "updated_at", ["D:0:Columns:id"] = "uuid" };
                foreach (var (path, value) in pairs)
                {
                    all["D:0:" + string.Join(':', path)] = value;
                }

                try
                {
                    DatasetConfiguration.Read(new ConfigurationBuilder().AddInMemoryCollection(all).Build().GetSection("D"));
                }
                catch (OptionsValidationException exception)
                {
                    Assert.NotEmpty(exception.Failures);
                }
            },
            iter: Fuzz.Cases,
            threads: 1);
    }
}
