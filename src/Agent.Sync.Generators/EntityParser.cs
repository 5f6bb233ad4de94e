using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agent.Sync.Generators;

/// <summary>Reads a class with [SyncTable]. The generator takes the model, the analyzer what is wrong with the class.</summary>
internal sealed class EntityParser
{
    private const int MaxNameLength = 63;

    private static readonly string[] Marks = ["Key", "Version", "UpdatedAt", "DeletedAt", "Column", "Json"];

    private readonly INamedTypeSymbol _type;
    private readonly List<Diagnostic> _problems = [];

    private EntityParser(INamedTypeSymbol type) => _type = type;

    /// <summary>Returns the model; null where anything is wrong with the class.</summary>
    public static EntityModel? Parse(INamedTypeSymbol type, out IReadOnlyList<Diagnostic> problems, CancellationToken cancellationToken)
    {
        var parser = new EntityParser(type);
        var model = parser.Parse(cancellationToken);
        problems = parser._problems;
        return problems.Count == 0 ? model : null;
    }

    private EntityModel Parse(CancellationToken cancellationToken)
    {
        RequirePartial(cancellationToken);
        var properties = FindProperties();
        var columns = properties.Select(ReadColumn).OfType<ColumnModel>().ToList();
        RequireRoles(columns);
        var parameters = FindParameters(columns, properties);
        var table = _type.FindSync("Table");
        var name = table.Argument<string>(0) ?? _type.FindSupabase("Table").Argument<string>(0) ?? SnakeCase.Of(_type.Name);
        RequireName(name, "table", _type);
        RequireName(table.Named<string>("Schema"), "schema", _type);
        RequireName(table.Named<string>("Dataset"), "dataset", _type);
        RequireName(table.Named<string>("LocalTable"), "table", _type);
        return new EntityModel(
            _type.ContainingNamespace.IsGlobalNamespace ? "" : _type.ContainingNamespace.ToDisplayString(),
            new(Enclosing().Reverse().Select(static type => $"partial {KindOf(type)} {Escape(type.Name)}")),
            _type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            _type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat) + ".Sync.g.cs",
            name,
            table.Named<string>("Schema"),
            table.Named<string>("Dataset"),
            table.Named<string>("LocalTable"),
            new([.. columns.Where(static column => column.Role == ColumnRole.Key).OrderBy(static column => column.KeyOrder), .. columns.Where(static column => column.Role != ColumnRole.Key)]),
            new(parameters));
    }

    public static string Escape(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    private static string KindOf(INamedTypeSymbol type) => type switch
    {
        { IsRecord: true, IsValueType: true } => "record struct",
        { IsRecord: true } => "record",
        { TypeKind: TypeKind.Interface } => "interface",
        { IsValueType: true } => "struct",
        _ => "class",
    };

    private IEnumerable<INamedTypeSymbol> Enclosing()
    {
        for (var type = _type; type is not null; type = type.ContainingType)
        {
            yield return type;
        }
    }

    private void RequirePartial(CancellationToken cancellationToken)
    {
        if (Enclosing().Any(type => !type.DeclaringSyntaxReferences.Any(reference =>
            reference.GetSyntax(cancellationToken) is TypeDeclarationSyntax syntax && syntax.Modifiers.Any(SyntaxKind.PartialKeyword))))
        {
            Report(Descriptors.NotPartial, _type, _type.Name);
        }

        if (Enclosing().Any(static type => type.IsGenericType))
        {
            Report(Descriptors.NotMade, _type, _type.Name, "it, or a type around it, is generic");
        }
        else if (_type.IsAbstract)
        {
            Report(Descriptors.NotMade, _type, _type.Name, "it is abstract or static");
        }
    }

    private List<IPropertySymbol> FindProperties()
    {
        var isModel = _type.FindSupabase("Table") is not null;
        var found = new List<IPropertySymbol>();
        var types = new Stack<INamedTypeSymbol>();
        for (var type = _type; type is not null; type = type.BaseType)
        {
            types.Push(type);
        }

        foreach (var property in types.SelectMany(static type => type.GetMembers().OfType<IPropertySymbol>()))
        {
            if (property.IsStatic || property.IsIndexer || property.DeclaredAccessibility != Accessibility.Public)
            {
                continue;
            }

            found.RemoveAll(hidden => hidden.Name == property.Name);
            if (property.FindSync("Ignore") is not null)
            {
                if (property.IsRequired)
                {
                    Report(Descriptors.NotMade, property, _type.Name, $"'{property.Name}' is required, and is no column");
                }

                continue;
            }

            var isMarked = Marks.Any(name => property.FindSync(name) is not null)
                || property.FindSupabase("Column") is not null || property.FindSupabase("PrimaryKey") is not null;
            if (isMarked || (!isModel && (IsSettable(property) || IsParameter(property))))
            {
                found.Add(property);
            }
        }

        return found;
    }

    private bool IsSettable(IPropertySymbol property) => property.SetMethod is { } set
        && (SymbolEqualityComparer.Default.Equals(property.ContainingType, _type) || set.DeclaredAccessibility != Accessibility.Private);

    private bool IsParameter(IPropertySymbol property) =>
        property.GetMethod is not null && FindConstructor() is { } constructor && constructor.Parameters.Any(parameter => IsOf(parameter, property.Name));

    private static bool IsOf(IParameterSymbol parameter, string property) => string.Equals(parameter.Name, property, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the constructor that a row is given to; null where it is the one without parameters, or where there is no single one.</summary>
    private IMethodSymbol? FindConstructor()
    {
        var constructors = _type.InstanceConstructors
            .Where(constructor => !(constructor.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, _type)))
            .ToList();
        return constructors.Any(static constructor => constructor.Parameters.Length == 0) ? null : constructors.Count == 1 ? constructors[0] : null;
    }

    private List<string> FindParameters(List<ColumnModel> columns, List<IPropertySymbol> properties)
    {
        var constructor = FindConstructor();
        if (constructor is null && !_type.InstanceConstructors.Any(static candidate => candidate.Parameters.Length == 0))
        {
            Report(Descriptors.NotMade, _type, _type.Name, "it has several constructors, and none without parameters");
        }

        var names = new List<string>();
        foreach (var parameter in constructor?.Parameters ?? [])
        {
            if (columns.Find(column => IsOf(parameter, column.Property)) is { } column)
            {
                names.Add(column.Property);
            }
            else if (!properties.Exists(property => IsOf(parameter, property.Name)))
            {
                Report(Descriptors.NotMade, parameter, _type.Name, $"no column is the parameter '{parameter.Name}' of its constructor");
            }
        }

        foreach (var property in properties.Where(property => !IsSettable(property) && !names.Contains(property.Name)))
        {
            Report(Descriptors.NotMade, property, _type.Name, $"'{property.Name}' has no setter, init or constructor parameter");
        }

        return names;
    }

    private ColumnModel? ReadColumn(IPropertySymbol property)
    {
        var role = FindRole(property);
        var column = property.FindSync("Column");
        var official = property.FindSupabase("Column") ?? property.FindSupabase("PrimaryKey");
        var name = column.Argument<string>(0) ?? official.Argument<string>(0) ?? SnakeCase.Of(property.Name);
        RequireName(name, "column", property);
        RequireName(column.Named<string>("Local"), "local column", property);
        var mapping = TypeMapper.Map(property, role, column, property.FindSync("Json"));
        if (role != ColumnRole.None && !Fits(role, mapping))
        {
            Report(Descriptors.WrongRoleType, property, property.Name, AttributeOf(role), TypesOf(role));
            return null;
        }

        if (mapping is null)
        {
            var isNamed = column?.NamedArguments.Any(static pair => pair.Key == "Type") == true;
            Report(
                Descriptors.UnsupportedType,
                property,
                property.Name,
                property.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
                isNamed ? "does not fit the Type in [SyncColumn]" : "no column type of a dataset fits");
            return null;
        }

        var isServerOwned = role is ColumnRole.None or ColumnRole.DeletedAt && (column.Named<bool>("ServerOwned") || (official.IsSet("ignoreOnInsert") && official.IsSet("ignoreOnUpdate")));
        return new ColumnModel(
            property.Name, name, column.Named<string>("Local"), role, mapping, TypeMapper.IsNullable(property), isServerOwned, property.FindSync("Key").Argument<int>(0), property.FindSync("DeletedAt").Argument<int>(0) == 1);
    }

    private ColumnRole FindRole(IPropertySymbol property)
    {
        var roles = new[] { ColumnRole.Key, ColumnRole.Version, ColumnRole.UpdatedAt, ColumnRole.DeletedAt }
            .Where(role => property.FindSync(role.ToString()) is not null || (role == ColumnRole.Key && property.FindSupabase("PrimaryKey") is not null))
            .ToList();
        if (roles.Count > 1)
        {
            Report(Descriptors.WrongRoleType, property, property.Name, AttributeOf(roles[0]), $"free of [{AttributeOf(roles[1])}]: a property has one part");
        }

        return roles.FirstOrDefault();
    }

    private static bool Fits(ColumnRole role, ColumnMapping? mapping) => role switch
    {
        ColumnRole.Key => mapping is { ColumnType: "Text" or "Uuid" or "Integer" },
        ColumnRole.Version => mapping is { ColumnType: "Integer" },
        _ => mapping is { ColumnType: "Timestamptz" },
    };

    private static string AttributeOf(ColumnRole role) => "Sync" + role;

    private static string TypesOf(ColumnRole role) => role switch
    {
        ColumnRole.Key => "string, Guid, an enum or an integer of at most 64 bits with sign",
        ColumnRole.Version => "an integer of at most 64 bits with sign, such as long",
        ColumnRole.UpdatedAt => "DateTimeOffset, or DateTime in UTC: the column is a timestamptz",
        _ => "DateTimeOffset?, or DateTime? in UTC: the column is a timestamptz",
    };

    private void RequireRoles(List<ColumnModel> columns)
    {
        // A property of a wrong type is reported by itself, and is no missing one.
        var marked = _type.GetMembers().OfType<IPropertySymbol>().Select(FindRoleQuietly).ToList();
        if (columns.TrueForAll(static column => column.Role != ColumnRole.Key) && !marked.Contains(ColumnRole.Key))
        {
            Report(Descriptors.NoKey, _type, _type.Name);
        }

        if (columns.TrueForAll(static column => column.Role != ColumnRole.UpdatedAt) && !marked.Contains(ColumnRole.UpdatedAt))
        {
            Report(Descriptors.NoUpdatedAt, _type, _type.Name);
        }

        foreach (var same in columns.GroupBy(static column => column.Name, StringComparer.OrdinalIgnoreCase).Where(static group => group.Count() > 1))
        {
            ReportTwice($"the column '{same.Key}'", same);
        }

        foreach (var same in columns.GroupBy(static column => column.Local ?? column.Name, StringComparer.OrdinalIgnoreCase)
            .Where(static group => group.Select(static column => column.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count() > 1))
        {
            ReportTwice($"the local column '{same.Key}'", same);
        }

        foreach (var same in columns.Where(static column => column.Role > ColumnRole.Key).GroupBy(static column => column.Role).Where(static group => group.Count() > 1))
        {
            ReportTwice($"[{AttributeOf(same.Key)}]", same);
        }

        static ColumnRole FindRoleQuietly(IPropertySymbol property) =>
            property.FindSync("Key") is not null || property.FindSupabase("PrimaryKey") is not null ? ColumnRole.Key
            : property.FindSync("UpdatedAt") is not null ? ColumnRole.UpdatedAt
            : ColumnRole.None;
    }

    private void ReportTwice(string what, IEnumerable<ColumnModel> columns)
    {
        var names = columns.Select(static column => column.Property).Take(2).ToArray();
        Report(Descriptors.Twice, _type, _type.Name, what, names[0], names[1]);
    }

    private void RequireName(string? name, string what, ISymbol symbol)
    {
        var isName = name is null
            || (name.Length is > 0 and <= MaxNameLength && name[0] is not (>= '0' and <= '9')
                && name.All(static c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '$'));
        if (!isName)
        {
            Report(Descriptors.NotAnIdentifier, symbol, name!, what);
        }
    }

    private void Report(DiagnosticDescriptor descriptor, ISymbol symbol, params object[] arguments) =>
        _problems.Add(Diagnostic.Create(descriptor, (symbol.Locations.FirstOrDefault(static place => place.IsInSource) ?? _type.Locations.FirstOrDefault()), arguments));
}
