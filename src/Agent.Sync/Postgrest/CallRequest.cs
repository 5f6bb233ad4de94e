using Agent.Sync.Auth;

namespace Agent.Sync.Postgrest;

/// <summary>One call's request through all its attempts.</summary>
internal sealed class CallRequest(PostgrestClient client, PostgrestSession session, ApiCall call)
    : ApiRequest(client, session, call.Dataset?.Name)
{
    private readonly Uri _url = client.UrlOf(call.PathAndQuery);

    public CallAnswer? Answer { get; private set; }

    protected override bool IsWrite => call.IsWrite;

    public override async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        await base.PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (call.BeforeAttempt is { } step)
        {
            await step().ConfigureAwait(false);
        }
    }

    protected override HttpRequestMessage CreateMessage(SessionToken token) => Client.Requests.Call(_url, token, call);

    // A write that asked for nothing back, and a function without a result, answer without a body and so without a type.
    protected override bool IsAnswer(HttpResponseMessage response) =>
        response.IsSuccessStatusCode
        && (MediaTypes.IsJson(response.Content.Headers.ContentType) || !response.Content.Headers.NonValidated.Contains("Content-Type"));

    protected override Dataset? Declared => call.Dataset;

    protected override bool TakeAbsence(int status, string? code)
    {
        // No such function, its schema is not exposed, or no functions at all.
        if (!call.MayBeMissing || (code is not ("PGRST202" or "PGRST106") && (code is not null || status != 404)))
        {
            return false;
        }

        Answer = CallAnswer.Missing();
        Succeed();
        return true;
    }

    protected override SyncException FailureOf(AnswerMeaning meaning, int status, string? code) => MissingColumn is { } column && meaning.Kind == SyncErrorKind.RemoteSchema
        ? TransportFailure.LacksColumn(call.Dataset!, column, code)
        : CallFailure.From(meaning, status, code, call, Session.Role);

    protected override SyncException TooLarge() => CallFailure.TooLarge(call, Client.MaxPageBytes);

    protected override void Take(HttpResponseMessage response, byte[] buffer, int length)
    {
        var isEmpty = length == 0 && (int)response.StatusCode != 200;
        if (!isEmpty && !JsonText.IsOneValue(buffer.AsSpan(0, length), Client.MaxJsonDepth))
        {
            PageMemory.Bytes.Return(buffer);
            FailDamaged(CallFailure.Damaged(call, (int)response.StatusCode));
            return;
        }

        Answer = new CallAnswer(buffer, length, response.Headers.Date);
        Succeed();
    }
}
