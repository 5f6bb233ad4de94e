namespace ApiContract.Describing;

/// <summary>A query parameter or header of a <see cref="RequestShape"/>.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Pattern">What its value looks like, decoded; null for what the operation's parameter says. Where the app's filters may share the name, one of the values.</param>
/// <param name="IsRequired">Whether it is always sent.</param>
internal sealed record ShapePart(string Name, string? Pattern = null, bool IsRequired = true)
{
    /// <summary>Gets the parameter that is always sent along with this one; null for none.</summary>
    public string? With { get; init; }
}
