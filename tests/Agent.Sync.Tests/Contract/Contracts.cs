using Agent.Sync.Auth;
using Agent.Sync.Postgrest;
using Agent.Sync.Tests.Architecture;
using ApiContract.Checking;
using ApiContract.Describing;

namespace Agent.Sync.Tests.Contract;

/// <summary>docs/openapi.json, and requests as the library builds them.</summary>
internal static class Contracts
{
    public const string Stamp = "2026-01-01T00:00:00.123456+00:00";
    public const string Key = "0f8fad5b-d9cb-469f-a165-70867728950e";

    private static readonly SessionToken Token = new(null, "Bearer a.b.c", "user-1", "authenticated");
    private static readonly RequestFactory Requests = new("sb_publishable_key");

    public static RequestContract File { get; } = new(System.IO.File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "openapi.json")));

    public static Dataset Artifacts { get; } = SampleApi.Datasets.Single(static dataset => dataset.Name == "artifacts");

    public static SentRequest Page(PageQuery query)
    {
        var route = new DatasetRoute("https://project.example", query.Dataset);
        using var message = Requests.Get(route.Url.Build(query), Token, route.Schema, query.Count);
        return SentRequest.Of(message, default);
    }

    public static SentRequest Call(ApiCall call)
    {
        var url = new Uri("https://project.example/rest/v1/" + call.PathAndQuery, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var message = Requests.Call(url, Token, call);
        return SentRequest.Of(message, call.Body);
    }
}
