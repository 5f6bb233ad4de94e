namespace Agent.Sync.Configuration;

/// <summary>The one rule for a project's URL: HTTPS, or plain HTTP on loopback when allowed, and nothing but a host and a path.</summary>
internal static class ProjectUrl
{
    /// <summary>Returns what is wrong with the URL, as a sentence that names the option, or null.</summary>
    public static string? Check(Uri? url, bool allowInsecureLoopback)
    {
        if (url is null || !url.IsAbsoluteUri)
        {
            return "Url must be the project's absolute URL, such as https://abc.supabase.co.";
        }

        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            return "Url must hold no user name, query or fragment: keys go into ApiKey.";
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
