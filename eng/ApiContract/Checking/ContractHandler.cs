using Agent.Sync;
using ApiContract.Describing;

namespace ApiContract.Checking;

/// <summary>Checks every request before it is sent, and refuses to send one that is not described.</summary>
/// <remarks>
/// Tables of which the document does not know the name or a column are checked against a description that is made of the
/// dataset by the same code as the document.
/// </remarks>
public sealed class ContractHandler : DelegatingHandler
{
    private readonly RequestContract _contract;
    private readonly Dictionary<string, RequestContract> _others;
    private readonly RequestContract? _kit;
    private readonly ContractLog _log;

    /// <summary>Initializes a new instance.</summary>
    /// <param name="contract">The document.</param>
    /// <param name="datasets">The datasets that are synced.</param>
    /// <param name="log">Keeps what is found.</param>
    /// <param name="inner">Sends the requests; it is disposed along with this handler.</param>
    public ContractHandler(RequestContract contract, IReadOnlyList<Dataset> datasets, ContractLog log, HttpMessageHandler inner)
        : base(inner)
    {
        _contract = contract;
        _log = log;
        var others = datasets.Where(dataset => !contract.Describes(dataset)).ToList();
        _others = others.ToDictionary(static dataset => "/rest/v1/" + dataset.RemoteTable, static dataset => Describe([dataset]), StringComparer.Ordinal);
        _kit = others.Count == 0 ? null : Describe(datasets);
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = await SentRequest.OfAsync(request, cancellationToken);
        var finding = ContractOf(sent.Path).Check(sent);
        _log.Add(finding);
        return finding.Violations.Count == 0
            ? await base.SendAsync(request, cancellationToken)
            : throw ContractLog.Failure(finding.Violations);
    }

    private static RequestContract Describe(IReadOnlyList<Dataset> datasets) => new(ApiDescription.Write(datasets));

    // A function's body names all of the run's tables.
    private RequestContract ContractOf(string path) =>
        path.StartsWith("/rest/v1/rpc/", StringComparison.Ordinal) ? _kit ?? _contract : _others.GetValueOrDefault(path, _contract);
}
