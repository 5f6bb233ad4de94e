namespace Agent.Sync.IntegrationTests.Privacy;

/// <summary>One answer of the scripted server.</summary>
internal sealed record ScriptedAnswer(int Status, string Body, string ContentType = "application/json; charset=utf-8")
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
