using Agent.Sync.Auth;
using Agent.Sync.Resilience;

namespace Agent.Sync.Postgrest;

/// <summary>One page's request through all its attempts.</summary>
internal sealed class PageRequest(PostgrestClient client, PostgrestSession session, DatasetRoute route, PageQuery query)
    : ApiRequest(client, session, query.Dataset.Name)
{
    private readonly Uri _url = route.Url.Build(query);

    public PageAnswer? Answer { get; private set; }

    protected override int ExpectedLength => route.LastBodyLength;

    protected override HttpRequestMessage CreateMessage(SessionToken token) => Client.Requests.Get(_url, token, route.Schema, query.Count);

    protected override bool IsAnswer(HttpResponseMessage response) =>
        (int)response.StatusCode is 200 or 206 && MediaTypes.IsJson(response.Content.Headers.ContentType);

    protected override Dataset? Declared => query.Dataset;

    protected override SyncException FailureOf(AnswerMeaning meaning, int status, string? code) => MissingColumn is { } column && meaning.Kind == SyncErrorKind.RemoteSchema
        ? TransportFailure.LacksColumn(query.Dataset, column, code)
        : TransportFailure.From(meaning, status, code, query.Dataset, Session.Role);

    protected override SyncException TooLarge() => TransportFailure.TooLarge(query.Dataset.Name, Client.MaxPageBytes, query.Limit);

    protected override void Take(HttpResponseMessage response, byte[] buffer, int length)
    {
        route.LastBodyLength = length;
        Page page;
        try
        {
            page = PageParser.Parse(query.Dataset, buffer, length, Client.MaxJsonDepth);
        }
        catch (SyncProtocolException exception)
        {
            FailDamaged(exception);
            return;
        }
        catch (SyncSchemaException exception)
        {
            Fail(exception, RetryAdvice.Never, strike: false);
            return;
        }

        if (page.Count > query.Limit)
        {
            Fail(TransportFailure.TooManyRows(query.Dataset.Name, query.Limit, page.Count), RetryAdvice.Never, strike: false);
            page.Dispose();
            return;
        }

        Answer = new PageAnswer(page, response.Headers.Date, ContentRange.TotalOf(response.Content.Headers));
        Succeed();
    }
}
