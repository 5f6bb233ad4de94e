using System.Text;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Kit;

/// <summary>Answers calls by a script, and keeps their bodies.</summary>
internal sealed class FakeCalls(Func<string> answer) : ICallTransport
{
    public List<string> Bodies { get; } = [];

    public List<ApiCall> Calls { get; } = [];

    public Task<CallAnswer> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        Calls.Add(call);
        Bodies.Add(Encoding.UTF8.GetString(call.Body.Span));
        var json = Encoding.UTF8.GetBytes(answer());
        var buffer = PageMemory.Bytes.Rent(json.Length);
        json.CopyTo(buffer, 0);
        return Task.FromResult(new CallAnswer(buffer, json.Length, serverTime: null));
    }
}
