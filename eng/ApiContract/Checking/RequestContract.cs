using System.Text.Json.Nodes;
using Agent.Sync;
using ApiContract.Describing;

namespace ApiContract.Checking;

/// <summary>A document that requests are checked against. Safe for concurrent use.</summary>
public sealed class RequestContract
{
    private readonly Dictionary<(string Method, string Path), ContractOperation> _operations = [];
    private readonly Dictionary<string, ContractTable> _tables = new(StringComparer.Ordinal);

    /// <summary>Initializes a new instance.</summary>
    /// <param name="text">The document, as <see cref="Describing.ApiDescription"/> writes it.</param>
    public RequestContract(string text)
    {
        var document = JsonNode.Parse(text)!;
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject().Where(static member => !member.Key.StartsWith("x-", StringComparison.Ordinal)))
            {
                _operations[(method.ToUpperInvariant(), path)] = new ContractOperation(operation!, document);
            }

            if (item[TableDescription.Extension] is { } roles)
            {
                var table = path.Split('/')[^1];
                _tables[table] = new ContractTable(roles, document["components"]!["schemas"]![table + ".row"]!);
            }
        }
    }

    /// <summary>Gets every purpose of every operation, such as <c>artifacts.read/page-by-key</c>.</summary>
    public IReadOnlyList<string> Uses => [.. _operations.Values.SelectMany(static operation => operation.Uses).Order(StringComparer.Ordinal)];

    /// <summary>Returns whether the document describes a dataset's table with all of its columns in the same roles.</summary>
    public bool Describes(Dataset dataset) =>
        dataset.Schema == "public" && _tables.GetValueOrDefault(dataset.RemoteTable)?.Describes(dataset) == true;

    /// <summary>Checks a request.</summary>
    public RequestFinding Check(SentRequest request) =>
        _operations.TryGetValue((request.Method, request.Path), out var operation)
            ? operation.Check(request)
            : new RequestFinding(null, [$"no operation is described for {request.Method} {request.Path}"]);
}
