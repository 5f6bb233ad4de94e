using System.Text;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Fakes;

/// <summary>Answers each call with a text, or with null that what is called does not exist; and keeps what was asked.</summary>
internal sealed class ScriptedCalls(Func<ApiCall, string?> answer) : ICallTransport
{
    public List<string> Bodies { get; } = [];

    public List<ApiCall> Calls { get; } = [];

    public Task<CallAnswer> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        Calls.Add(call);
        Bodies.Add(Encoding.UTF8.GetString(call.Body.Span));
        if (answer(call) is not { } text)
        {
            return Task.FromResult(CallAnswer.Missing());
        }

        var json = Encoding.UTF8.GetBytes(text);
        var buffer = PageMemory.Bytes.Rent(Math.Max(1, json.Length));
        json.CopyTo(buffer, 0);
        return Task.FromResult(new CallAnswer(buffer, json.Length, serverTime: null));
    }
}
