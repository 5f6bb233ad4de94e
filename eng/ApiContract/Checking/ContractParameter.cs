using System.Text.Json.Nodes;

namespace ApiContract.Checking;

/// <summary>A described query parameter or header.</summary>
internal sealed class ContractParameter
{
    private readonly ContractSchema _schema;

    public ContractParameter(JsonNode json)
    {
        Name = (string)json["name"]!;
        IsHeader = (string?)json["in"] == "header";
        IsRequired = (bool?)json["required"] ?? false;
        var schema = json["schema"]!;
        IsRepeatable = (string?)schema["type"] == "array";
        _schema = new ContractSchema(IsRepeatable ? schema["items"]! : schema, components: null);
    }

    public string Name { get; }

    public bool IsHeader { get; }

    public bool IsRequired { get; }

    /// <summary>Gets whether it may come several times, as a column's conditions do.</summary>
    public bool IsRepeatable { get; }

    public bool Accepts(IReadOnlyCollection<string> values) => (IsRepeatable || values.Count == 1) && values.All(_schema.Accepts);
}
