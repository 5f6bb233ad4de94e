namespace Agent.Sync.Generators;

/// <summary>What is written for one entity: names and texts alone, so that equal ones are equal.</summary>
/// <param name="Namespace">The namespace; empty for the global one.</param>
/// <param name="Declarations">The heads of the nested partial types, outermost first: <c>partial record Artifact</c>.</param>
/// <param name="FullName">The class, with <c>global::</c>.</param>
/// <param name="FileName">A file name that no other entity has.</param>
/// <param name="Table">The remote table.</param>
/// <param name="Schema">The schema; null for <c>public</c>.</param>
/// <param name="Dataset">The dataset's name; null for the table's.</param>
/// <param name="LocalTable">The local table; null for the remote one's name.</param>
/// <param name="Columns">The columns, the key first.</param>
/// <param name="Parameters">The properties that the constructor takes, in its order.</param>
internal sealed record EntityModel(
    string Namespace,
    ValueList<string> Declarations,
    string FullName,
    string FileName,
    string Table,
    string? Schema,
    string? Dataset,
    string? LocalTable,
    ValueList<ColumnModel> Columns,
    ValueList<string> Parameters)
{
    public string DatasetName => Dataset ?? Table;
}

/// <summary>One property and its column.</summary>
/// <param name="Property">The property's name.</param>
/// <param name="Name">The column's name.</param>
/// <param name="Local">The local name; null for the same.</param>
/// <param name="Role">What the column is for the dataset.</param>
/// <param name="Mapping">How it is read and written.</param>
/// <param name="IsNullable">Whether the property may be null.</param>
/// <param name="IsServerOwned">Whether only the server writes it.</param>
/// <param name="KeyOrder">The place in the key.</param>
/// <param name="IsMarked">For a deletion time: whether the local row stays.</param>
internal sealed record ColumnModel(
    string Property, string Name, string? Local, ColumnRole Role, ColumnMapping Mapping, bool IsNullable, bool IsServerOwned, int KeyOrder, bool IsMarked);

/// <summary>How a type is read and written.</summary>
/// <param name="Form">Which methods of row and writer.</param>
/// <param name="ColumnType">The name of the dataset's column type.</param>
/// <param name="TypeName">The property's type without its nullability, with <c>global::</c>.</param>
/// <param name="Context">The serializer context, with <c>global::</c>; null for none.</param>
/// <param name="Members">Of an enum, each member and its text.</param>
internal sealed record ColumnMapping(ValueForm Form, string ColumnType, string TypeName, string? Context, ValueList<(string Member, string Text)> Members);

internal enum ColumnRole
{
    None,
    Key,
    Version,
    UpdatedAt,
    DeletedAt,
}

internal enum ValueForm
{
    Text,
    Number,
    Parsed,
    Boolean,
    Instant,
    UtcTime,
    LocalTime,
    Bytes,
    Enum,
    JsonElement,
    JsonText,
    JsonObject,
}
