namespace Agent.Sync;

/// <summary>A user's JWT from the app's session. It is never printed.</summary>
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

    /// <summary>Returns a constant text instead of the token.</summary>
    /// <returns>A constant.</returns>
    public override string ToString() => "AccessToken";
}
