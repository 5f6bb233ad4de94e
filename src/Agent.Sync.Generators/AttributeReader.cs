using System.Linq;
using Microsoft.CodeAnalysis;

namespace Agent.Sync.Generators;

/// <summary>Finds attributes by name: this package's, and those of the official Supabase client, which need not be referenced.</summary>
internal static class AttributeReader
{
    public static AttributeData? FindSync(this ISymbol symbol, string name) => symbol.GetAttributes().FirstOrDefault(
        attribute => attribute.AttributeClass is { } type && type.Name == $"Sync{name}Attribute" && type.ContainingNamespace.ToDisplayString() == "Agent.Sync");

    public static AttributeData? FindSupabase(this ISymbol symbol, string name) => symbol.GetAttributes().FirstOrDefault(
        attribute => attribute.AttributeClass is { } type && type.Name == name + "Attribute"
            && type.ContainingNamespace.ToDisplayString() is "Supabase.Postgrest.Attributes" or "Postgrest.Attributes");

    /// <summary>Returns a member's text for JSON, as the serializer's or the data contract's attribute names it.</summary>
    public static string? FindMemberText(this ISymbol member)
    {
        foreach (var attribute in member.GetAttributes())
        {
            switch (attribute.AttributeClass?.ToDisplayString())
            {
                case "System.Text.Json.Serialization.JsonStringEnumMemberNameAttribute":
                    return attribute.Argument<string>(0);
                case "System.Runtime.Serialization.EnumMemberAttribute" when attribute.Named<string>("Value") is { } value:
                    return value;
            }
        }

        return null;
    }

    public static T? Argument<T>(this AttributeData? attribute, int index) =>
        attribute is not null && attribute.ConstructorArguments.Length > index && attribute.ConstructorArguments[index].Value is T value ? value : default;

    public static T? Named<T>(this AttributeData? attribute, string name) =>
        attribute is not null && attribute.NamedArguments.FirstOrDefault(pair => pair.Key == name).Value.Value is T value ? value : default;

    /// <summary>Returns a constructor's argument by its parameter.</summary>
    public static bool IsSet(this AttributeData? attribute, string parameter)
    {
        var index = attribute?.AttributeConstructor?.Parameters.ToList().FindIndex(candidate => candidate.Name == parameter) ?? -1;
        return index >= 0 && attribute.Argument<bool>(index);
    }
}
