using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Agent.Sync.Generators;

/// <summary>What the package says while an app is compiled. docs/entities.md has a line for each.</summary>
internal static class Descriptors
{
    private const string Category = "Agent.Sync";

    public static readonly DiagnosticDescriptor NotPartial = Error(
        "AGS0001", "An entity must be partial", "'{0}' has [SyncTable], so it and the types around it must be partial: the generator adds to it");

    public static readonly DiagnosticDescriptor NoKey = Error(
        "AGS0002", "An entity needs a key", "'{0}' has no key: mark the property of the primary key with [SyncKey]");

    public static readonly DiagnosticDescriptor NoUpdatedAt = Error(
        "AGS0003", "An entity needs its update timestamp", "'{0}' has no update timestamp: mark the DateTimeOffset that the server sets on every write with [SyncUpdatedAt]");

    public static readonly DiagnosticDescriptor WrongRoleType = Error(
        "AGS0004", "The type does not fit the property's part", "'{0}' has [{1}], so its type must be {2}");

    public static readonly DiagnosticDescriptor UnsupportedType = Error(
        "AGS0005", "No column has this type", "'{0}' is of the type {1}, which {2}: change the type, name a serializer context with [SyncJson(typeof(...))], or leave the property out with [SyncIgnore]");

    public static readonly DiagnosticDescriptor Twice = Error(
        "AGS0006", "Declared twice", "'{0}' has {1} twice: on '{2}' and on '{3}'");

    public static readonly DiagnosticDescriptor NotMade = Error(
        "AGS0007", "The generator cannot make the entity", "'{0}' cannot be made from a row: {1}");

    public static readonly DiagnosticDescriptor NotAnIdentifier = Error(
        "AGS0008", "Not a name of PostgreSQL", "'{0}' cannot name a {1}: use 1 to 63 ASCII letters, digits, '_' or '$', not starting with a digit");

    public static readonly DiagnosticDescriptor SameTable = Warning(
        "AGS0009", "Two entities share a dataset or a local table", "'{0}' and '{1}' are both {2}: in one engine each needs its own; give one another Dataset and LocalTable in [SyncTable]");

    public static readonly DiagnosticDescriptor SecretKey = Warning(
        "AGS0010", "A secret key is written in the source", "This is a secret key, which bypasses row-level security, and anyone who has the program can read it: use the publishable key, and on a trusted server read the secret one from the configuration");

    public static readonly DiagnosticDescriptor DroppedResult = Warning(
        "AGS0011", "The result of a sync is dropped", "A sync that needs a decision returns normally, and nobody looks at this result: call EnsureCompleted(), or look at its Outcome");

    public static readonly ImmutableArray<DiagnosticDescriptor> OfEntities =
        [NotPartial, NoKey, NoUpdatedAt, WrongRoleType, UnsupportedType, Twice, NotMade, NotAnIdentifier, SameTable];

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true);

    private static DiagnosticDescriptor Warning(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, customTags: id == "AGS0009" ? [WellKnownDiagnosticTags.CompilationEnd] : []);
}
