using System.Reflection;
using System.Text.RegularExpressions;

namespace Agent.Sync.Tests.Architecture;

/// <summary>
/// Pairs every conformance suite with every store it can be run against, and looks in the tests for a class that
/// derives from the suite and names the store.
/// </summary>
internal static class ConformanceCoverage
{
    /// <summary>A suite is an abstract public class with an abstract member that hands out the contract under test.</summary>
    public static IReadOnlyDictionary<Type, Type[]> SuitesIn(IEnumerable<Type> types) => types
        .Where(type => type is { IsClass: true, IsAbstract: true, IsSealed: false })
        .Select(type => (Suite: type, Contracts: ContractsOf(type)))
        .Where(pair => pair.Contracts.Length > 0)
        .ToDictionary(pair => pair.Suite, pair => pair.Contracts);

    public static IReadOnlyList<string> Missing(IReadOnlyDictionary<Type, Type[]> suites, IEnumerable<Type> candidates, IReadOnlyCollection<string> sources) =>
    [
        .. from suite in suites
           from store in candidates
           where store is { IsClass: true, IsAbstract: false } && suite.Value.Any(contract => contract.IsAssignableFrom(store))
           let derives = new Regex($@"class \w+[^{{;]*:\s*(?:[\w.]+\.)?{Regex.Escape(suite.Key.Name.Split('`')[0])}\b")
           let names = new Regex($@"\b{Regex.Escape(store.Name)}\b")
           where !sources.Any(source => derives.IsMatch(source) && names.IsMatch(source))
           select $"{suite.Key.Name} is not run against {store.Name}",
    ];

    private static Type[] ContractsOf(Type type) =>
    [
        .. type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(method => method.IsAbstract)
            .Select(method => method.ReturnType)
            .Select(result => result.IsGenericType && result.Name.Contains("Task", StringComparison.Ordinal) ? result.GenericTypeArguments[0] : result)
            .Where(result => result.IsInterface && result.Namespace is { } name && FolderRules.IsOurs(name))
            .Distinct(),
    ];
}
