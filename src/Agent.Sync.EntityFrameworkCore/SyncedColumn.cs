using System.Reflection;
using Agent.Sync.Generators;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Agent.Sync.EntityFrameworkCore;

/// <summary>A column of a model's table, and what annotations, attributes and names say about it, in this order.</summary>
internal sealed class SyncedColumn
{
    private readonly SyncColumnAttribute? _attribute;
    private readonly IProperty? _property;
    private readonly bool _isOwn;

    public SyncedColumn(IEntityType entity, IColumn column)
    {
        // A table that types share has columns of derived and owned ones too; a column of a JSON document has no property.
        var properties = column.PropertyMappings.Select(static mapping => mapping.Property).ToList();
        _property = properties.Find(property => property.DeclaringType == entity) ?? properties.FirstOrDefault();
        _isOwn = _property?.DeclaringType is IEntityType type && type.GetRootType() == entity;
        _attribute = Attribute<SyncColumnAttribute>();
        Column = column;
        Role = FindRole();
    }

    public IColumn Column { get; }

    public SyncRole Role { get; }

    /// <summary>Gets the property's name, for messages; the column's where it has none.</summary>
    public string Name => _isOwn ? _property!.Name : Column.Name;

    /// <summary>Gets the remote column's name.</summary>
    public string Remote => _property?.Text(SyncAnnotations.Column) ?? _attribute?.Name ?? SnakeCase.Of(Name);

    public DeleteHandling DeleteHandling => _property?.Choice<DeleteHandling>(SyncAnnotations.DeleteHandling) ?? Attribute<SyncDeletedAtAttribute>()?.Handling ?? default;

    public bool IsServerOwned => _property?.Text(SyncAnnotations.ServerOwned) is not null || _attribute?.ServerOwned == true;

    /// <summary>Gets the place among the columns: that of the property in its class, the base's first, as entities of the source generator have it. What has no property comes last.</summary>
    public (int Depth, int Token) Place => _property?.PropertyInfo is { DeclaringType: { } type } info ? (Depth(type), info.HasMetadataToken() ? info.MetadataToken : 0) : (int.MaxValue, 0);

    /// <summary>Returns the column's type; null with what to change where there is none.</summary>
    public ColumnType? FindType(out string? fault)
    {
        var given = _property?.Choice<ColumnType>(SyncAnnotations.Type)
            ?? (Attribute<SyncJsonAttribute>() is not null ? ColumnType.Json : _attribute is { Type: not ColumnType.Text and var type } ? type : null);
        fault = null;
        var found = _property is null ? ColumnType.Json : ModelTypes.Find(_property, Column, given, out fault);
        fault = fault is null ? null : $"{Name} {fault}";
        return found;
    }

    private static int Depth(Type type) => type.BaseType is { } parent ? 1 + Depth(parent) : 0;

    private SyncRole FindRole()
    {
        if (_property is null || !_isOwn)
        {
            return _property?.Choice<SyncRole>(SyncAnnotations.Role) ?? SyncRole.Plain;
        }

        if (_property.Choice<SyncRole>(SyncAnnotations.Role) is { } given)
        {
            return given;
        }

        return Attribute<SyncIgnoreAttribute>() is not null ? SyncRole.Ignored
            : Attribute<SyncUpdatedAtAttribute>() is not null ? SyncRole.UpdatedAt
            : Attribute<SyncVersionAttribute>() is not null ? SyncRole.Version
            : Attribute<SyncDeletedAtAttribute>() is not null ? SyncRole.DeletedAt
            : ByName(_property);
    }

    // Another property may be marked instead.
    private static SyncRole ByName(IProperty property)
    {
        var role = (property.Name, ModelTypes.Unwrap(property.ClrType)) switch
        {
            ("UpdatedAt", { } type) when type == typeof(DateTimeOffset) || type == typeof(DateTime) => SyncRole.UpdatedAt,
            ("DeletedAt", { } type) when type == typeof(DateTimeOffset) || type == typeof(DateTime) => SyncRole.DeletedAt,
            ("Version", { } type) when type == typeof(long) || type == typeof(int) => SyncRole.Version,
            _ => SyncRole.Plain,
        };
        return property.IsPrimaryKey() || property.DeclaringType.GetProperties().Any(other => other != property && Marked(other) == role) ? SyncRole.Plain : role;
    }

    private static SyncRole? Marked(IProperty property) => property.Choice<SyncRole>(SyncAnnotations.Role)
        ?? (property.PropertyInfo?.GetCustomAttribute<SyncUpdatedAtAttribute>() is not null ? SyncRole.UpdatedAt
            : property.PropertyInfo?.GetCustomAttribute<SyncVersionAttribute>() is not null ? SyncRole.Version
            : property.PropertyInfo?.GetCustomAttribute<SyncDeletedAtAttribute>() is not null ? SyncRole.DeletedAt
            : null);

    private T? Attribute<T>()
        where T : Attribute => _property?.PropertyInfo?.GetCustomAttribute<T>();
}
