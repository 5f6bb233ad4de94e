using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Agent.Sync.Generators;

/// <summary>Says which column a property's type is.</summary>
internal static class TypeMapper
{
    private static readonly ValueList<(string Member, string Text)> NoMembers = new([]);

    // The order of Agent.Sync.ColumnType, which an attribute gives as a number.
    private static readonly string[] ColumnTypes =
        ["Text", "Uuid", "Integer", "Boolean", "Double", "Numeric", "Timestamptz", "Timestamp", "Date", "Time", "Json", "Bytes"];

    private static readonly HashSet<string> TypesOfString = ["Text", "Uuid", "Numeric", "Timestamptz", "Timestamp", "Date", "Time", "Json"];

    private static readonly HashSet<SpecialType> Elements =
        [SpecialType.System_String, SpecialType.System_Int16, SpecialType.System_Int32, SpecialType.System_Int64, SpecialType.System_Double, SpecialType.System_Decimal, SpecialType.System_Boolean];

    /// <summary>Returns how a property is read and written; null where it has no column type, or not the one that was asked for.</summary>
    public static ColumnMapping? Map(IPropertySymbol property, ColumnRole role, AttributeData? column, AttributeData? json)
    {
        var type = WithoutNullable(property.Type);
        var name = type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        if (json is not null)
        {
            var context = json.Argument<INamedTypeSymbol>(0)?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
            return type.SpecialType == SpecialType.System_String && context is null ? Plain(ValueForm.JsonText, "Json")
                : context is not null ? new ColumnMapping(ValueForm.JsonObject, "Json", name, context, NoMembers)
                : MapPlain(type, name, null) is { ColumnType: "Json" } known ? known
                : null;
        }

        var wanted = column?.NamedArguments.FirstOrDefault(static pair => pair.Key == "Type").Value.Value is int number && number >= 0 && number < ColumnTypes.Length
            ? ColumnTypes[number]
            : null;
        if (role is ColumnRole.UpdatedAt or ColumnRole.DeletedAt && type.SpecialType == SpecialType.System_DateTime)
        {
            wanted ??= "Timestamptz";
        }

        return MapPlain(type, name, wanted);

        ColumnMapping Plain(ValueForm form, string columnType) => new(form, columnType, name, null, NoMembers);
    }

    public static bool IsNullable(IPropertySymbol property) => property.Type.IsReferenceType
        ? property.NullableAnnotation != NullableAnnotation.NotAnnotated
        : property.Type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;

    private static ITypeSymbol WithoutNullable(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;

    private static ColumnMapping? MapPlain(ITypeSymbol type, string name, string? wanted)
    {
        return type.SpecialType switch
        {
            SpecialType.System_String when wanted == "Json" => Column(ValueForm.JsonText, "Json"),
            SpecialType.System_String when wanted is null || TypesOfString.Contains(wanted) => new ColumnMapping(ValueForm.Text, wanted ?? "Text", name, null, NoMembers),
            SpecialType.System_Boolean => Column(ValueForm.Boolean, "Boolean"),
            SpecialType.System_Byte or SpecialType.System_SByte or SpecialType.System_Int16 or SpecialType.System_UInt16
                or SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Int64 => Column(ValueForm.Number, "Integer"),
            SpecialType.System_Single or SpecialType.System_Double => Column(ValueForm.Number, "Double"),
            SpecialType.System_Decimal => Column(ValueForm.Number, "Numeric"),
            SpecialType.System_DateTime when wanted == "Timestamptz" => Column(ValueForm.UtcTime, "Timestamptz"),
            SpecialType.System_DateTime => Column(ValueForm.LocalTime, "Timestamp"),
            _ => type.TypeKind switch
            {
                TypeKind.Enum => Column(ValueForm.Enum, "Text", Members(type)),
                TypeKind.Array => MapArray((IArrayTypeSymbol)type),
                _ => MapNamed(type),
            },
        };

        ColumnMapping? Column(ValueForm form, string columnType, ValueList<(string, string)>? members = null) =>
            wanted is null || wanted == columnType ? new ColumnMapping(form, columnType, name, null, members ?? NoMembers) : null;

        ColumnMapping? MapArray(IArrayTypeSymbol array) => array switch
        {
            { Rank: not 1 } => null,
            { ElementType.SpecialType: SpecialType.System_Byte } => Column(ValueForm.Bytes, "Bytes"),
            _ when Elements.Contains(array.ElementType.SpecialType) || array.ElementType.ToDisplayString() == "System.Guid" => Column(ValueForm.JsonObject, "Json"),
            _ => null,
        };

        ColumnMapping? MapNamed(ITypeSymbol named) => named.ToDisplayString(NullableFlowState.None) switch
        {
            "System.Guid" => Column(ValueForm.Parsed, "Uuid"),
            "System.DateTimeOffset" => Column(ValueForm.Instant, "Timestamptz"),
            "System.DateOnly" => Column(ValueForm.Parsed, "Date"),
            "System.TimeOnly" => Column(ValueForm.Parsed, "Time"),
            "System.Text.Json.JsonElement" => Column(ValueForm.JsonElement, "Json"),
            _ => null,
        };
    }

    private static ValueList<(string, string)> Members(ITypeSymbol type)
    {
        var fields = type.GetMembers().OfType<IFieldSymbol>().Where(static field => field.HasConstantValue);

        // Two names for one value are one member: the first.
        return new(fields.GroupBy(static field => field.ConstantValue).Select(static group => group.First())
            .Select(static field => (field.Name, field.FindMemberText() ?? SnakeCase.Of(field.Name))));
    }
}
