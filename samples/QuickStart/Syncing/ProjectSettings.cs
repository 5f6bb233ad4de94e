namespace QuickStart.Syncing;

/// <summary>Which project, as whom, and where the rows go.</summary>
internal sealed record ProjectSettings(Uri Url, string Key, string Email, string Password, string Database)
{
    // A record would print the password.
    public override string ToString() => Url.ToString();
}
