using System.Text.Json;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>What the push function answered.</summary>
internal sealed class KitAnswer(JsonElement answer)
{
    /// <summary>Gets a word per change: its status, and its code after a colon where there is one.</summary>
    public string[] Outcomes { get; } = [.. answer.GetProperty("outcomes").EnumerateArray().Select(static outcome =>
        outcome.GetProperty("status").GetString() + (outcome.TryGetProperty("code", out var code) ? ":" + code.GetString() : string.Empty))];

    public Guid[] Operations { get; } = [.. answer.GetProperty("outcomes").EnumerateArray().Select(static outcome => outcome.GetProperty("op").GetGuid())];

    public int RowCount { get; } = answer.GetProperty("rows").GetArrayLength();

    /// <summary>Returns the server's row of the n-th change, or null.</summary>
    public JsonElement? Row(int index) => answer.GetProperty("outcomes")[index].GetProperty("row") is { ValueKind: JsonValueKind.Number } place
        ? answer.GetProperty("rows")[place.GetInt32()]
        : null;

    public string? Name(int index) => Row(index)?.GetProperty("name").GetString();

    public string? Constraint(int index) => answer.GetProperty("outcomes")[index].GetProperty("constraint").GetString();
}
