namespace Agent.Sync;

/// <summary>Names a property's column, or says more about it.</summary>
/// <param name="name">The column. Null, the default, takes the name in the official client's <c>[Column]</c>, or else the property's own in snake_case.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SyncColumnAttribute(string? name = null) : Attribute
{
    /// <summary>Gets the column; null for the name in <c>[Column]</c>, or the property's own in snake_case.</summary>
    public string? Name { get; } = name;

    /// <summary>Gets or sets the column's name in the local table. Null, the default, means the same name.</summary>
    /// <value>Letters, digits, <c>_</c> or <c>$</c>, at most 63, not starting with a digit.</value>
    public string? Local { get; set; }

    /// <summary>Gets or sets the column's type, where the property's type fits several.</summary>
    /// <value>
    /// For a <see cref="string"/> any but Integer, Double, Boolean, Bytes (the default is Text), which keeps the server's own characters; for a <see cref="DateTime"/> Timestamp (the
    /// default) or Timestamptz, which is read as UTC. Other types have one column type each.
    /// </value>
    public ColumnType Type { get; set; }

    /// <summary>Gets or sets a value indicating whether only the server writes the column, such as a generated one. It is pulled and never pushed. The default is false.</summary>
    public bool ServerOwned { get; set; }
}
