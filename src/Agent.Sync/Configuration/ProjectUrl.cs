using System.Buffers;

namespace Agent.Sync.Configuration;

/// <summary>The one rule for a project's URL: HTTPS, or plain HTTP on loopback when allowed, and nothing but a host and a path.</summary>
internal static class ProjectUrl
{
    private const string Example = "such as https://abc.supabase.co";

    private static readonly SearchValues<char> Surroundings = SearchValues.Create("\"'`<> \t\r\n");

    // The services of a project, which the library and its session add to the URL.
    private static readonly string[] Services = ["rest", "auth", "storage", "realtime", "functions", "graphql"];

    /// <summary>Returns what is wrong with the URL, as a sentence that names the option, or null.</summary>
    public static string? Check(Uri? url, bool allowInsecureLoopback)
    {
        if (url is null || !url.IsAbsoluteUri)
        {
            return $"Url must be the project's absolute URL, {Example}.";
        }

        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            return "Url must hold no user name, query or fragment: keys go into ApiKey.";
        }

        if (CheckPath(url) is { } fault)
        {
            return fault;
        }

        if (url.Scheme == Uri.UriSchemeHttps)
        {
            return null;
        }

        if (url.Scheme != Uri.UriSchemeHttp || !url.IsLoopback)
        {
            return "Url must use https: the token and the rows would travel in the clear.";
        }

        return allowInsecureLoopback ? null : "Url uses http on loopback: set AllowInsecureLoopback for local development, or use https.";
    }

    private static string? CheckPath(Uri url)
    {
        var path = Uri.UnescapeDataString(url.AbsolutePath);
        if (path.AsSpan().ContainsAny(Surroundings))
        {
            return $"Url holds a quote or a blank: remove what stands around the project's URL, {Example}.";
        }

        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is [.., var service, var version] && IsService(service) && version is ['v' or 'V', >= '0' and <= '9'])
        {
            return $"Url ends in /{service}/{version}, but must be the project's URL, {Example}: the path of a service is added to it.";
        }

        if (parts is [.., var last] && IsService(last))
        {
            return $"Url ends in /{last}, but must be the project's URL, {Example}: the path of a service is added to it.";
        }

        return url.Host is "supabase.com" or "www.supabase.com" or "app.supabase.com" or "app.supabase.io"
            ? $"Url is the address of the Supabase dashboard, but must be the project's URL, {Example}: the dashboard shows it among the API settings."
            : null;
    }

    private static bool IsService(string part) => Services.Contains(part, StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the URL without a trailing slash, ready for a path to be appended.</summary>
    /// <exception cref="ArgumentException">The URL breaks the rule.</exception>
    public static string Require(Uri? url, bool allowInsecureLoopback)
    {
        if (Check(url, allowInsecureLoopback) is { } fault)
        {
            throw new ArgumentException(fault, nameof(url));
        }

        return url!.GetLeftPart(UriPartial.Path).TrimEnd('/');
    }
}
