namespace Agent.Sync;

/// <summary>A user's JWT, as the app's session holds it. Never printed.</summary>
public sealed class AccessToken
{
    /// <summary>Initializes a new instance.</summary>
    /// <param name="value">The JWT.</param>
    /// <exception cref="ArgumentException">The value is empty.</exception>
    public AccessToken(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        Value = value;
    }

    /// <summary>Gets the JWT.</summary>
    public string Value { get; }

    /// <summary>Says that this is a token, and nothing else.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => "AccessToken";
}
