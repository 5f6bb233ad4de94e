using System.Reflection;

namespace Agent.Sync.Tests.Shared;

/// <summary>Compiled into every test project: a test's name says what is called, under which condition, with what result.</summary>
public sealed class TestNameTests
{
    [Fact]
    public void Names_OfAllTests_SayMethodConditionAndResult()
    {
        var offenders =
            from type in typeof(TestNameTests).Assembly.GetTypes()
            where !IsConformanceSuite(type)
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            where method.GetCustomAttributes<FactAttribute>().Any() && method.Name.Split('_').Length < 3
            select $"{type.Name}.{method.Name}";

        Assert.Empty(offenders);
    }

    // What runs a suite of Agent.Sync.Testing reads as sentences, like the suite.
    private static bool IsConformanceSuite(Type type) =>
        type.BaseType is { } parent && (parent.Assembly.GetName().Name == "Agent.Sync.Testing" || IsConformanceSuite(parent));
}
