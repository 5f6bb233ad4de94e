using System.Text;
using System.Text.Json.Nodes;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Fakes;

/// <summary>A server whose SQL kit answers what a test makes of its answer.</summary>
internal sealed class EditedKit(ICallTransport server, Func<Action<JsonObject>?> edit) : ICallTransport
{
    public async Task<CallAnswer> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var answer = await server.CallAsync(call, cancellationToken);
        if (call.PathAndQuery != "rpc/horizon" || edit() is not { } change)
        {
            return answer;
        }

        using (answer)
        {
            var json = JsonNode.Parse(answer.Body.Span)!.AsObject();
            change(json);
            var bytes = Encoding.UTF8.GetBytes(json.ToJsonString());
            var buffer = PageMemory.Bytes.Rent(bytes.Length);
            bytes.CopyTo(buffer, 0);
            return new CallAnswer(buffer, bytes.Length, answer.ServerTime);
        }
    }
}
