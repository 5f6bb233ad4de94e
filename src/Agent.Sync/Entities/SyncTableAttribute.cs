namespace Agent.Sync;

/// <summary>Makes a partial class a dataset: its public properties are the columns, in snake_case unless <see cref="SyncColumnAttribute"/> names them.</summary>
/// <remarks>
/// The package's source generator adds <see cref="ISyncEntity{TSelf}"/>. A property that cannot be set is not a column. On a model of the official Supabase client, with its
/// <c>[Table]</c>, the columns are the properties with <c>[PrimaryKey]</c>, <c>[Column]</c> or an attribute of this package.
/// </remarks>
/// <param name="name">The remote table or view. Null, the default, takes the name in the official client's <c>[Table]</c>, or else the class's own in snake_case.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SyncTableAttribute(string? name = null) : Attribute
{
    /// <summary>Gets the remote table or view; null for the name in <c>[Table]</c>, or the class's own in snake_case.</summary>
    public string? Name { get; } = name;

    /// <summary>Gets or sets the PostgreSQL schema. Null, the default, means <c>public</c>.</summary>
    public string? Schema { get; set; }

    /// <summary>Gets or sets the dataset's name for the app. Null, the default, means the remote table's name.</summary>
    public string? Dataset { get; set; }

    /// <summary>Gets or sets the local table. Null, the default, means the remote table's name.</summary>
    public string? LocalTable { get; set; }
}
