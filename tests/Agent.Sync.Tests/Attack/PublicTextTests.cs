using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Agent.Sync.Tests.Attack;

/// <summary>Whatever type of the library an app prints: nothing of a row, a key or a token is in the text.</summary>
public sealed class PublicTextTests
{
    private const string Canary = "canary-91bd";

    // Names and settings of the app's own, which messages hold too.
    private static readonly string[] Names =
    [
        "Dataset", "Code", "Column", "Constraint", "LocalTable", "Name", "Machine", "Table", "Schema", "LocalName", "Id", "Path", "DatabasePath", "Columns", "Datasets", "Key", "Reason", "Grade",

        // The library's own sentences, and the name of an exception's type.
        "What", "Why", "Mend", "LastAppFailure",
    ];

    // Not the doubles: what they hold is the test's own.
    public static TheoryData<Type> Types => [.. new[] { "Agent.Sync", "Agent.Sync.Sqlite", "Agent.Sync.Hosting", "Agent.Sync.OpenTelemetry", "Agent.Sync.EntityFrameworkCore", "Agent.Sync.Supabase" }
        .SelectMany(static name => Assembly.Load(name).GetExportedTypes())
        .Where(static type => type is { IsAbstract: false, IsInterface: false, IsEnum: false, IsGenericTypeDefinition: false, IsByRefLike: false } && !typeof(Delegate).IsAssignableFrom(type) && !typeof(Exception).IsAssignableFrom(type))];

    [Theory]
    [MemberData(nameof(Types), DisableDiscoveryEnumeration = true)]
    public void ToString_OfAnyPublicType_PrintsNoPrivateText(Type type)
    {
        var printed = type.GetMethod(nameof(ToString), BindingFlags.Public | BindingFlags.Instance, []);
        if (printed!.DeclaringType == typeof(object) || printed.DeclaringType == typeof(ValueType))
        {
            return;
        }

        var instance = RuntimeHelpers.GetUninitializedObject(type);
        for (var holder = type; holder is not null && holder != typeof(object); holder = holder.BaseType)
        {
            foreach (var field in holder.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            {
                Fill(instance, field);
            }
        }

        string text;
        try
        {
            text = instance.ToString() ?? string.Empty;
        }
        catch (Exception exception) when (exception is NullReferenceException or ArgumentNullException)
        {
            // Its text is made of parts that were not made.
            return;
        }

        Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(Canary)), text, StringComparison.OrdinalIgnoreCase);
    }

    private static void Fill(object instance, FieldInfo field)
    {
        var name = field.Name.Split('<', '>') is [_, var property, ..] ? property : field.Name.TrimStart('_');
        if (Names.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return;
        }

        object? value = field.FieldType switch
        {
            { } type when type == typeof(string) => Canary,
            { } type when type == typeof(byte[]) => Encoding.UTF8.GetBytes(Canary),
            { } type when type == typeof(ReadOnlyMemory<byte>) => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(Canary),
            { } type when type.IsAssignableFrom(typeof(string[])) && type != typeof(object) => new[] { Canary },
            { } type when type == typeof(Dataset) => SampleDatasets.Artifacts,
            { } type when type == typeof(Uri) => new Uri($"https://{Canary}.test"),
            _ => null,
        };
        if (value is not null)
        {
            field.SetValue(instance, value);
        }
    }
}
