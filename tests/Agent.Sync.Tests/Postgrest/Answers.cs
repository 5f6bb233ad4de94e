using System.Net;
using System.Text;

namespace Agent.Sync.Tests.Postgrest;

/// <summary>Canned answers of a server.</summary>
internal static class Answers
{
    /// <summary>Planted wherever a server may quote a row.</summary>
    public const string Canary = "canary-5f1c";

    public const string TwoRows = """[{"id":"a","updated_at":"2026-01-01T00:00:00+00:00"},{"id":"b","updated_at":"2026-01-01T00:00:01.5+00:00"}]""";

    public static HttpResponseMessage Page(string json = TwoRows) => Json(HttpStatusCode.OK, json);

    public static HttpResponseMessage Json(HttpStatusCode status, string json) =>
        new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Error(int status, string? code) => Json(
        (HttpStatusCode)status,
        $$"""{"message":"{{Canary}} value","details":"Key (id)=({{Canary}})","hint":"{{Canary}}"{{(code is null ? null : $",\"code\":\"{code}\"")}}}""");

    public static HttpResponseMessage Html(int status) =>
        new((HttpStatusCode)status) { Content = new StringContent($"<html>{Canary}</html>", Encoding.UTF8, "text/html") };

    public static HttpResponseMessage With(this HttpResponseMessage response, string name, string value)
    {
        if (!response.Headers.TryAddWithoutValidation(name, value))
        {
            response.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }
}
