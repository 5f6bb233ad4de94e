using System.Text.Json.Nodes;

namespace ApiContract.Checking;

/// <summary>One purpose of an operation: an entry of <c>x-requests</c>.</summary>
internal sealed class ContractShape
{
    private static readonly string[] ShapedHeaders = ["Prefer", "Accept-Profile", "Content-Profile"];

    private readonly Dictionary<string, ContractShapePart> _query;
    private readonly Dictionary<string, ContractShapePart> _headers;
    private readonly bool _filters;
    private readonly ContractSchema? _body;

    public ContractShape(JsonNode json, JsonNode components)
    {
        Name = (string)json["name"]!;
        _query = Parts(json["query"]);
        _headers = Parts(json["headers"]);
        _filters = (bool?)json["filters"] ?? false;
        _body = (string?)json["body"] is { } reference ? new ContractSchema(new JsonObject { ["$ref"] = reference }, components) : null;
    }

    public string Name { get; }

    /// <summary>Returns the parts of a request that speak against this purpose; none when it fits.</summary>
    /// <param name="request">The request.</param>
    /// <param name="query">What its query says.</param>
    /// <param name="isColumn">Whether a parameter is a column, which a filter may name.</param>
    public IEnumerable<string> Mismatches(SentRequest request, ILookup<string, string> query, Func<string, bool> isColumn)
    {
        foreach (var (name, part) in _query)
        {
            var values = query[name].ToList();
            var isRequired = part.IsRequired || _query.Any(other => other.Value.With == name && query.Contains(other.Key));
            var mayBeMissing = !isRequired && (values.Count == 0 || (_filters && isColumn(name)));
            var fits = _filters && isColumn(name) ? values.Any(part.Fits) : values.Count > 0 && values.All(part.Fits);
            if (!fits && !mayBeMissing)
            {
                yield return name;
            }
        }

        foreach (var other in query.Select(static one => one.Key).Where(name => !_query.ContainsKey(name) && !(_filters && isColumn(name))))
        {
            yield return other;
        }

        foreach (var name in ShapedHeaders)
        {
            var value = request.Headers.GetValueOrDefault(name);
            var part = _headers.GetValueOrDefault(name);
            if (value is null ? part is { IsRequired: true } : part?.Fits(value) != true)
            {
                yield return name;
            }
        }

        if (_body?.Validate(request.Body).Any() == true)
        {
            yield return "body";
        }
    }

    private static Dictionary<string, ContractShapePart> Parts(JsonNode? parts) =>
        parts?.AsObject().ToDictionary(static part => part.Key, static part => new ContractShapePart(part.Value!), StringComparer.Ordinal) ?? [];
}
