namespace Agent.Sync.ShapeTests.Shapes;

/// <summary>A column of a server's table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its type.</param>
/// <param name="Role">What it is for.</param>
internal sealed record ShapeColumn(string Name, ColumnKind Kind, ColumnRole Role)
{
    public ColumnType Type => Kind.Type;

    /// <summary>Gets its name in the devices' tables.</summary>
    public string LocalName { get; init; } = Name;

    public bool IsRequired { get; init; }

    public bool IsUnique { get; init; }

    /// <summary>Gets the server's default in canonical form; null for none.</summary>
    public string? ServerDefault { get; init; }

    /// <summary>Gets the SQLSTATE with which the server refuses the value <see cref="Poison"/>; null takes it.</summary>
    public string? RefusedWith { get; init; }

    /// <summary>Gets whether the dataset declares it only after a while.</summary>
    public bool IsDeclaredLate { get; init; }

    /// <summary>Gets the value that a column may refuse.</summary>
    public const string Poison = "poison";

    /// <summary>Gets whether apps write it.</summary>
    public bool IsWritten => Role is ColumnRole.Key or ColumnRole.Plain or ColumnRole.Reference;

    public override string ToString() =>
        $"\"{Name}\"{(LocalName == Name ? "" : $" as \"{LocalName}\"")} {Kind.SqlType} {Role}{(IsRequired ? " not null" : "")}{(IsUnique ? " unique" : "")}{(ServerDefault is null ? "" : $" default {ServerDefault}")}{(RefusedWith is null ? "" : $" refuses with {RefusedWith}")}{(IsDeclaredLate ? " (declared late)" : "")}";
}

/// <summary>What a column is for.</summary>
internal enum ColumnRole
{
    Key,
    Plain,

    /// <summary>Refers to the key of the shape's first table.</summary>
    Reference,

    /// <summary>Computed by the server.</summary>
    Generated,

    /// <summary>The update timestamp.</summary>
    Cursor,
    Version,

    /// <summary>The deletion timestamp.</summary>
    Deleted,

    /// <summary>On the server only.</summary>
    Undeclared,
}
