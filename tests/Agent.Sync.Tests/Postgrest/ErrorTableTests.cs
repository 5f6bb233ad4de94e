using System.Globalization;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Postgrest;

/// <summary>The table "What each answer means", row by row: what is thrown, after how many attempts, at which times.</summary>
public sealed class ErrorTableTests
{
    private static readonly double[] Once = [0];
    private static readonly double[] Backoff = [0, 1, 3, 7];

    // Jitter 0.25 makes each wait 0.75 of the schedule's.
    private static readonly double[] Jittered = [0, 0.75, 2.25, 5.25];
    private static readonly double[] SchemaCache = [0, 2];
    private static readonly double[] SecondTry = [0, 1];
    private static readonly double[] Refreshed = [0, 0];

    private readonly TransportHarness _harness = new();

    public static TheoryData<int, string?, SyncErrorKind, double[]> Table()
    {
        var data = new TheoryData<int, string?, SyncErrorKind, double[]>();
        void Row(SyncErrorKind kind, double[] schedule, params (int Status, string? Code)[] answers)
        {
            foreach (var (status, code) in answers)
            {
                data.Add(status, code, kind, schedule);
            }
        }

        Row(SyncErrorKind.ServerError, Backoff, (408, null), (502, null), (504, null), (504, "PGRST003"));
        Row(SyncErrorKind.ServerError, Backoff, (503, "PGRST000"), (503, "PGRST001"), (503, "PGRST002"), (503, "08006"), (503, "08001"), (503, "53300"), (500, "53200"), (503, "57P01"));
        Row(SyncErrorKind.RateLimited, Backoff, (429, null), (429, "PGRST000"));
        Row(SyncErrorKind.StatementTimeout, Once, (500, "57014"), (504, "57014"));
        Row(SyncErrorKind.ServerError, Jittered, (500, "40001"), (409, "40P01"), (500, "55P03"));
        Row(SyncErrorKind.AuthRequired, Refreshed, (401, "PGRST301"), (401, "PGRST303"), (401, null));
        Row(SyncErrorKind.AuthRequired, Once, (401, "22023"), (401, "PGRST302"), (403, "28000"), (403, "28P01"), (403, "0P000"));
        Row(SyncErrorKind.PermissionDenied, Once, (401, "42501"), (403, "42501"), (403, null));
        Row(SyncErrorKind.BadRequest, Once, (400, "23502"), (400, "23514"), (400, "23P01"), (400, "22P02"), (400, "22003"), (400, "P0001"), (409, "23505"), (409, "23503"), (400, "44000"), (404, "ZZ404"), (404, "PT404"));
        Row(SyncErrorKind.BadRequest, Once, (500, "21000"), (400, "PGRST102"));
        Row(SyncErrorKind.RemoteSchema, SchemaCache, (400, "PGRST200"), (400, "PGRST204"), (404, "PGRST205"), (404, "42P01"), (400, "42703"));
        Row(SyncErrorKind.RemoteSchema, Once, (406, "PGRST106"), (404, "PGRST202"), (404, "42883"), (400, "42804"), (400, "42P10"));
        Row(SyncErrorKind.ServerError, Once, (500, "42P17"), (500, "P0002"), (500, "P0004"), (500, "XX000"), (500, "54000"), (500, "54001"), (405, "25006"), (400, "0A000"), (500, "25001"), (500, "PGRSTX00"), (500, "PGRST300"));
        Row(SyncErrorKind.BadRequest, Once, (413, null), (414, null), (400, "PGRST100"), (406, null), (416, "PGRST103"), (422, "ZZ999"));
        Row(SyncErrorKind.UnexpectedResponse, Once, (300, null), (301, null), (302, null), (307, null), (308, null), (404, null));
        Row(SyncErrorKind.UnexpectedResponse, SecondTry, (201, null), (204, null));
        Row(SyncErrorKind.ServerError, Backoff, (500, null), (500, "58000"), (599, null), (500, "PT500"));
        Row(SyncErrorKind.ServerError, Backoff, (400, null));
        Row(SyncErrorKind.RateLimited, Backoff, (429, "PT429"));
        Row(SyncErrorKind.AuthRequired, Refreshed, (401, "PT401"));
        return data;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task GetPage_EveryRowOfTheTable_ActsAsItSays(int status, string? code, SyncErrorKind kind, double[] schedule)
    {
        _harness.Handler.Then(() => Answers.Error(status, code));

        var exception = await _harness.FailAsync();

        Assert.Equal(kind, exception.Kind);
        Assert.Equal(schedule, _harness.Handler.Seconds);
        Assert.Equal(code ?? status.ToString(CultureInfo.InvariantCulture), exception.Code);
        Assert.Null(exception.InnerException);
        _harness.AssertNothingLeaked(exception);
    }

    [Theory]
    [InlineData(520)]
    [InlineData(521)]
    [InlineData(522)]
    [InlineData(523)]
    [InlineData(524)]
    public async Task GetPage_GatewayAnswersHtml_IsRetried(int status)
    {
        _harness.Handler.Then(() => Answers.Html(status));

        var exception = await _harness.FailAsync();

        // 524 asks the pager for smaller pages once the retries are used up.
        Assert.Equal(status == 524 ? SyncErrorKind.StatementTimeout : SyncErrorKind.ServerError, exception.Kind);
        Assert.True(exception.IsTransient);
        Assert.Equal(Backoff, _harness.Handler.Seconds);
        _harness.AssertNothingLeaked(exception);
    }

    [Theory]
    [InlineData("text/html", "<html></html>")]
    [InlineData("application/json", "<html></html>")]
    [InlineData("application/json", """{"id":"canary-5f1c"}""")]
    [InlineData("application/json", """[{"id":"canary-5f1c","updated_at":""")]
    [InlineData("text/csv", "id\ncanary-5f1c")]
    public async Task GetPage_OkButNotAPage_IsRetriedOnceThenAProtocolError(string type, string body)
    {
        _harness.Handler.Then(() =>
        {
            var answer = Answers.Page(body);
            answer.Content.Headers.ContentType = new(type);
            return answer;
        });

        var exception = await _harness.FailAsync<SyncProtocolException>();

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        Assert.Equal(SecondTry, _harness.Handler.Seconds);
        _harness.AssertNothingLeaked(exception);
    }

    [Fact]
    public async Task GetPage_RefusedConnection_IsRetriedThenUnreachable()
    {
        _harness.Handler.Then((_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError, Answers.Canary));

        var exception = await _harness.FailAsync<SyncTransportException>();

        Assert.Equal(SyncErrorKind.Unreachable, exception.Kind);
        Assert.Contains("ConnectionError", exception.Message, StringComparison.Ordinal);
        Assert.Equal(Backoff, _harness.Handler.Seconds);
        Assert.Equal((4, 3), (_harness.Tally.Requests, _harness.Tally.Retries));
        _harness.AssertNothingLeaked(exception);
    }

    [Fact]
    public async Task GetPage_ServerRecovers_ReturnsThePage()
    {
        _harness.Handler.Then(() => Answers.Error(503, "PGRST001")).Then(() => Answers.Error(502, null)).Then(() => Answers.Page());

        var answer = await _harness.GetAsync();

        Assert.Equal(2, answer.Page.Count);
        Assert.Equal([0, 1, 3], _harness.Handler.Seconds);
    }

    [Fact]
    public async Task GetPage_CodeOnlyInProxyStatus_IsReadFromThere()
    {
        _harness.Handler.Then(() => Answers.Html(500).With("Proxy-Status", "PostgREST; error=57014"));

        Assert.Equal(SyncErrorKind.StatementTimeout, (await _harness.FailAsync()).Kind);
    }

    [Theory]
    [InlineData("canary-5f1c")]
    [InlineData("CANARY")]
    [InlineData("42p01")]
    [InlineData("4250")]
    [InlineData("PGRST3011")]
    public async Task GetPage_CodeOfAnotherShape_IsIgnored(string code)
    {
        _harness.Handler.Then(() => Answers.Error(400, code));

        var exception = await _harness.FailAsync();

        Assert.Equal("400", exception.Code);
        _harness.AssertNothingLeaked(exception, code);
    }

    [Fact]
    public void FromJson_CutOffAfterTheCode_FindsIt() =>
        Assert.Equal("42501", ErrorCode.FromJson("""{"details":{"a":[1,2]},"code":"42501","message":"cut of"""u8));

    [Fact]
    public void FromJson_CutOffBeforeTheCode_IsNull() =>
        Assert.Null(ErrorCode.FromJson("""{"details":"cut of"""u8));

    [Fact]
    public async Task GetPage_PermissionDenied_NamesTheGrant()
    {
        _harness.Handler.Then(() => Answers.Error(403, "42501"));

        var exception = await _harness.FailAsync<SyncAuthException>();

        Assert.Contains("""GRANT SELECT ON "public"."artifacts" TO authenticated;""", exception.Message, StringComparison.Ordinal);
        Assert.Equal("artifacts", exception.Dataset);
    }

    [Fact]
    public async Task GetPage_PermissionDeniedToAnUnknownRole_DoesNotRepeatTheClaim()
    {
        _harness.Token = TestToken.Of(role: Answers.Canary);
        _harness.Handler.Then(() => Answers.Error(403, "42501"));

        _harness.AssertNothingLeaked(await _harness.FailAsync());
    }

    /// <summary>The same table for a write: what an answer says about the rows it carried.</summary>
    public static TheoryData<int, string?, object> Writes()
    {
        var data = new TheoryData<int, string?, object>();
        void Row(WriteFault fault, params (int Status, string? Code)[] answers)
        {
            foreach (var (status, code) in answers)
            {
                data.Add(status, code, fault);
            }
        }

        Row(WriteFault.None, (408, null), (502, null), (504, null), (504, "PGRST003"), (503, "PGRST000"), (503, "PGRST001"), (503, "PGRST002"), (503, "08006"), (503, "53300"), (500, "53100"), (503, "57P01"), (500, "58030"));
        Row(WriteFault.TooSlow, (524, null), (500, "57014"));
        Row(WriteFault.None, (429, null), (520, null));
        Row(WriteFault.Busy, (500, "40001"), (409, "40P01"), (500, "55P03"));
        Row(WriteFault.None, (401, "PGRST301"), (401, "PGRST303"), (401, "PGRST302"), (403, "28000"), (403, "0P000"), (403, null), (401, "22023"));
        Row(WriteFault.Row, (403, "42501"), (401, "42501"));
        Row(WriteFault.Row, (400, "23502"), (400, "23514"), (400, "23P01"), (400, "22001"), (400, "22P02"), (400, "22023"), (400, "P0001"), (400, "44000"));
        Row(WriteFault.ValueTaken, (409, "23505"));
        Row(WriteFault.MissingParent, (409, "23503"));
        Row(WriteFault.None, (500, "21000"), (400, "21000"), (400, "PGRST102"));
        Row(WriteFault.None, (400, "PGRST200"), (400, "PGRST204"), (404, "PGRST205"), (404, "42P01"), (400, "42703"), (400, "42P10"));
        Row(WriteFault.Undecided, (500, "P0002"), (500, "P0003"), (500, "XX000"), (500, "54000"), (500, "55000"), (500, "38000"), (400, "ZZ999"));
        Row(WriteFault.Undecided, (400, "PT400"), (401, "PT401"), (403, "PT403"), (404, "PT404"), (408, "PT408"), (429, "PT429"), (500, "PT500"));
        Row(WriteFault.None, (500, "42P17"), (500, "25001"), (500, "PGRSTX00"), (500, "PGRST300"));
        Row(WriteFault.None, (405, "25006"), (400, "0A000"));
        Row(WriteFault.None, (400, null));
        Row(WriteFault.Undecided, (404, "42883"), (404, "ZZ404"));
        Row(WriteFault.None, (404, null), (404, "PGRST125"));
        Row(WriteFault.TooLarge, (413, null));
        Row(WriteFault.None, (414, null), (431, null), (301, null), (200, null), (405, null), (415, null), (503, null), (500, null));
        Row(WriteFault.Undecided, (422, null), (409, null));
        return data;
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public void FaultOf_EveryKindOfFailure_SaysWhetherARowIsToBlame(int status, string? code, object fault)
    {
        var call = new ApiCall { Method = HttpMethod.Post, PathAndQuery = "artifacts", Schema = "public", Dataset = TransportHarness.Dataset };

        Assert.Equal(fault, ErrorClassifier.FaultOf(CallFailure.From(ErrorClassifier.Classify(status, code, isWrite: true), status, code, call, "authenticated")));
    }

    [Fact]
    public void FaultOf_AnswerAboveTheBound_AsksForLess()
    {
        var call = new ApiCall { Method = HttpMethod.Post, PathAndQuery = "artifacts", Schema = "public" };

        Assert.Equal(WriteFault.TooLarge, ErrorClassifier.FaultOf(CallFailure.TooLarge(call, 1)));
        Assert.Equal(WriteFault.None, ErrorClassifier.FaultOf(CallFailure.Damaged(call, 200)));
    }
}
