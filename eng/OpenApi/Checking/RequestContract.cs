using System.Text.Json.Nodes;
using Agent.Sync;

namespace OpenApi.Checking;

/// <summary>A document that requests are checked against. Safe for concurrent use.</summary>
public sealed class RequestContract
{
    private readonly Dictionary<(string Method, string Path), ContractOperation> _operations = [];
    private readonly Dictionary<string, HashSet<string>> _columns = new(StringComparer.Ordinal);

    /// <summary>Initializes a new instance.</summary>
    /// <param name="text">The document, as <see cref="Describing.ApiDescription"/> writes it.</param>
    public RequestContract(string text)
    {
        var document = JsonNode.Parse(text)!;
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                _operations[(method.ToUpperInvariant(), path)] = new ContractOperation(operation!, document);
            }
        }

        const string Row = ".row";
        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject().Where(static schema => schema.Key.EndsWith(Row, StringComparison.Ordinal)))
        {
            _columns[name[..^Row.Length]] = schema!["properties"]!.AsObject().Select(static property => property.Key).ToHashSet(StringComparer.Ordinal);
        }
    }

    /// <summary>Gets every purpose of every operation, such as <c>artifacts.read/page-by-key</c>.</summary>
    public IReadOnlyList<string> Uses => [.. _operations.Values.SelectMany(static operation => operation.Uses).Order(StringComparer.Ordinal)];

    /// <summary>Returns whether the document describes a dataset's table with all of its columns.</summary>
    public bool Describes(Dataset dataset) =>
        dataset.Schema == "public"
        && _columns.TryGetValue(dataset.RemoteTable, out var columns)
        && dataset.Columns.Select(static column => column.Name).Concat(dataset.Filters.Select(static filter => filter.Column)).All(columns.Contains);

    /// <summary>Checks a request.</summary>
    public RequestFinding Check(SentRequest request) =>
        _operations.TryGetValue((request.Method, request.Path), out var operation)
            ? operation.Check(request)
            : new RequestFinding(null, [$"no operation is described for {request.Method} {request.Path}"]);
}
