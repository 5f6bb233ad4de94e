using System.Globalization;
using System.Text;

namespace Agent.Sync.Tests.Attack;

/// <summary>What the server's double answers to a request.</summary>
internal sealed record HonestAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Gets the headers as they go over the wire, without those about the body's length.</summary>
    public string Head => HeadWithout();

    public static async Task<HonestAnswer> AskAsync(HttpMessageInvoker server, Uri project, RawRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(project.AbsoluteUri.TrimEnd('/') + request.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        message.Content = request.Body.Length > 0 ? new ByteArrayContent(request.Body) : null;
        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await server.SendAsync(message, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers).Select(static pair => KeyValuePair.Create(pair.Key, string.Join(", ", pair.Value)));
        return new HonestAnswer((int)response.StatusCode, [.. headers.Where(static pair => pair.Key != "Content-Length")], body);
    }

    public string HeadWithout(params string[] names) => string.Concat(
        Headers.Where(pair => !names.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)).Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}: {pair.Value}\r\n")));
}
