namespace Agent.Sync;

/// <summary>Marks a key property: a string, a <see cref="Guid"/> or an integer. On several properties, they are a composite key.</summary>
/// <param name="order">The place of the property in a composite key, lowest first. The default is 0; equal ones follow the order in which they are declared.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SyncKeyAttribute(int order = 0) : Attribute
{
    /// <summary>Gets the place of the property in a composite key, lowest first.</summary>
    public int Order { get; } = order;
}
