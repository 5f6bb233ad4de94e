using System.Text;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Push;

/// <summary>Answers every call with a text.</summary>
internal sealed class CannedCalls(Func<ApiCall, string> answer) : ICallTransport
{
    public Task<CallAnswer> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(answer(call));
        var buffer = PageMemory.Bytes.Rent(Math.Max(1, bytes.Length));
        bytes.CopyTo(buffer, 0);
        return Task.FromResult(new CallAnswer(buffer, bytes.Length, serverTime: null));
    }
}
