namespace Agent.Sync;

/// <summary>Marks a property whose column is <c>json</c>, <c>jsonb</c> or a composite: a string takes the JSON text itself, any other type is read by a serializer context of the app's.</summary>
/// <remarks><see cref="System.Text.Json.JsonElement"/> and arrays of strings, numbers, uuids and booleans need no attribute.</remarks>
/// <param name="context">A <see cref="System.Text.Json.Serialization.JsonSerializerContext"/> that has the property's type. Null, the default, for a string.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SyncJsonAttribute(Type? context = null) : Attribute
{
    /// <summary>Gets the serializer context; null for a string.</summary>
    public Type? Context { get; } = context;
}
