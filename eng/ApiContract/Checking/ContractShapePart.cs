using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ApiContract.Checking;

/// <summary>What a purpose says of one query parameter or header.</summary>
internal sealed class ContractShapePart(JsonNode json)
{
    private readonly Regex? _pattern = (string?)json["pattern"] is { } pattern ? new Regex(pattern, RegexOptions.CultureInvariant) : null;

    public bool IsRequired { get; } = (bool)json["required"]!;

    /// <summary>Gets the parameter that has to come along with this one; null for none.</summary>
    public string? With { get; } = (string?)json["with"];

    public bool Fits(string value) => _pattern?.IsMatch(value) ?? true;
}
