using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ApiContract.Checking;

/// <summary>A described operation, and the check of a request against it.</summary>
internal sealed partial class ContractOperation
{
    private readonly Dictionary<string, ContractParameter> _query;
    private readonly Dictionary<string, ContractParameter> _headers;
    private readonly HashSet<string> _keyHeaders = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _hasUser;
    private readonly HashSet<string> _accepted;
    private readonly Dictionary<string, ContractSchema> _bodies = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ContractShape> _shapes;

    public ContractOperation(JsonNode json, JsonNode document)
    {
        Id = (string)json["operationId"]!;
        var components = document["components"]!;
        var parameters = json["parameters"]!.AsArray().Select(node => new ContractParameter(DocumentText.Resolve(document, node!))).ToList();
        _query = parameters.Where(static parameter => !parameter.IsHeader).ToDictionary(static parameter => parameter.Name, StringComparer.Ordinal);
        _headers = parameters.Where(static parameter => parameter.IsHeader).ToDictionary(static parameter => parameter.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var name in json["security"]!.AsArray().Single()!.AsObject().Select(static scheme => scheme.Key))
        {
            var scheme = components["securitySchemes"]![name]!;
            if ((string?)scheme["type"] == "apiKey")
            {
                _keyHeaders.Add((string)scheme["name"]!);
            }
            else
            {
                _hasUser = true;
            }
        }

        foreach (var (type, media) in json["requestBody"]?["content"]?.AsObject() ?? [])
        {
            _bodies[type] = new ContractSchema(media!["schema"]!, components["schemas"]);
        }

        _accepted = json["responses"]!.AsObject()
            .SelectMany(response => DocumentText.Resolve(document, response.Value!)["content"]?.AsObject().Select(static media => media.Key) ?? [])
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        _shapes = [.. json["x-requests"]!.AsArray().Select(shape => new ContractShape(shape!, components["schemas"]!))];
    }

    public string Id { get; }

    public IEnumerable<string> Uses => _shapes.Select(UseOf);

    public RequestFinding Check(SentRequest request)
    {
        var query = QueryText.Parse(request.Query);
        List<string> violations = [.. CheckQuery(request, query), .. CheckHeaders(request), .. CheckBody(request)];
        var candidates = _shapes.Select(shape => (Shape: shape, Mismatches: shape.Mismatches(request, query, IsColumn).ToList())).ToList();
        var use = candidates.Where(static candidate => candidate.Mismatches.Count == 0).Select(candidate => UseOf(candidate.Shape)).FirstOrDefault();
        if (use is null)
        {
            violations.Add("fits none of x-requests: " + string.Join("; ", candidates.Select(static candidate => $"{candidate.Shape.Name} for {string.Join(", ", candidate.Mismatches)}")));
        }

        return new RequestFinding(use, [.. violations.Select(violation => $"{Id}: {violation}")]);
    }

    private bool IsColumn(string name) => _query.GetValueOrDefault(name)?.IsRepeatable == true;

    private string UseOf(ContractShape shape) => $"{Id}/{shape.Name}";

    private IEnumerable<string> CheckQuery(SentRequest request, ILookup<string, string> query)
    {
        if (!QueryText.IsEncoded(request.Query))
        {
            yield return "the query is not percent-encoded";
        }

        foreach (var name in query.Select(static one => one.Key).Where(name => !_query.ContainsKey(name)))
        {
            yield return $"query parameter '{name}' is not described";
        }

        foreach (var (name, parameter) in _query)
        {
            if (query.Contains(name) ? !parameter.Accepts([.. query[name]]) : parameter.IsRequired)
            {
                yield return query.Contains(name) ? $"query parameter '{name}' does not fit its schema" : $"query parameter '{name}' is missing";
            }
        }
    }

    private IEnumerable<string> CheckHeaders(SentRequest request)
    {
        foreach (var name in request.Headers.Keys.Where(name => !IsDescribed(name)))
        {
            yield return $"header '{name}' is not described";
        }

        foreach (var (name, parameter) in _headers)
        {
            if (request.Headers.TryGetValue(name, out var value) ? !parameter.Accepts([value]) : parameter.IsRequired)
            {
                yield return value is null ? $"header '{name}' is missing" : $"header '{name}' does not fit its schema";
            }
        }

        foreach (var name in _keyHeaders.Where(name => string.IsNullOrWhiteSpace(request.Headers.GetValueOrDefault(name))))
        {
            yield return $"header '{name}' is missing";
        }

        if (_hasUser && !Bearer().IsMatch(request.Headers.GetValueOrDefault("Authorization", string.Empty)))
        {
            yield return "header 'Authorization' is missing or is no bearer token";
        }

        if (!_accepted.Contains(request.Headers.GetValueOrDefault("Accept", string.Empty)))
        {
            yield return "header 'Accept' is none of the answers' types";
        }
    }

    private IEnumerable<string> CheckBody(SentRequest request)
    {
        var type = request.Headers.GetValueOrDefault("Content-Type");
        if (_bodies.Count == 0)
        {
            return request.Body.IsEmpty && type is null ? [] : ["a body is not described"];
        }

        return type is not null && _bodies.TryGetValue(type, out var schema)
            ? schema.Validate(request.Body).Select(static violation => "the body: " + violation)
            : ["the body has a type that is not described, or there is none"];
    }

    private bool IsDescribed(string header) =>
        _headers.ContainsKey(header)
        || _keyHeaders.Contains(header)
        || header.Equals("Accept", StringComparison.OrdinalIgnoreCase)
        || (_hasUser && header.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
        || (_bodies.Count > 0 && header is "Content-Type" or "Content-Length");

    [GeneratedRegex("^Bearer [A-Za-z0-9._~+/=-]+$")]
    private static partial Regex Bearer();
}
