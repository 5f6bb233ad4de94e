namespace Agent.Sync.Tests.Postgrest;

/// <summary>Answers each request with the next step of a script, or with the last one again, and keeps what was asked and when.</summary>
internal sealed class ScriptedHandler(TimeProvider time) : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly Queue<Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>> _steps = new();
    private Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>? _last;

    public List<SeenRequest> Seen { get; } = [];

    public double[] Seconds => [.. Seen.Select(request => request.At.TotalSeconds)];

    public ScriptedHandler Then(Func<HttpResponseMessage> answer) => Then((_, _) => Task.FromResult(answer()));

    public ScriptedHandler Then(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> step)
    {
        _steps.Enqueue(step);
        return this;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Seen.Add(SeenRequest.From(request, time.GetUtcNow() - _start));
            if (_steps.TryDequeue(out var step))
            {
                _last = step;
            }
        }

        return _last!(request, cancellationToken);
    }
}
