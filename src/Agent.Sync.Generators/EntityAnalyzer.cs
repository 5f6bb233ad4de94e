using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Agent.Sync.Generators;

/// <summary>Says what is wrong with a class that has [SyncTable].</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EntityAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => Descriptors.OfEntities;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            var entities = new ConcurrentBag<(INamedTypeSymbol Type, EntityModel Model)>();
            start.RegisterSymbolAction(
                symbol =>
                {
                    var type = (INamedTypeSymbol)symbol.Symbol;
                    if (type.FindSync("Table") is null)
                    {
                        return;
                    }

                    if (EntityParser.Parse(type, out var problems, symbol.CancellationToken) is { } model)
                    {
                        entities.Add((type, model));
                    }

                    foreach (var problem in problems)
                    {
                        symbol.ReportDiagnostic(problem);
                    }
                },
                SymbolKind.NamedType);
            start.RegisterCompilationEndAction(end => ReportShared(end, entities));
        });
    }

    private static void ReportShared(CompilationAnalysisContext context, ConcurrentBag<(INamedTypeSymbol Type, EntityModel Model)> entities)
    {
        // The order of the bag is chance; that of the names is not.
        var ordered = entities.OrderBy(static entity => entity.Model.FullName, System.StringComparer.Ordinal).ToList();
        for (var second = 1; second < ordered.Count; second++)
        {
            for (var first = 0; first < second; first++)
            {
                var (a, b) = (ordered[first], ordered[second]);
                var shared = Same(a.Model.DatasetName, b.Model.DatasetName) ? $"the dataset '{a.Model.DatasetName}'"
                    : Same(a.Model.LocalTable ?? a.Model.Table, b.Model.LocalTable ?? b.Model.Table) ? $"the local table '{a.Model.LocalTable ?? a.Model.Table}'"
                    : null;
                if (shared is not null)
                {
                    context.ReportDiagnostic(Diagnostic.Create(Descriptors.SameTable, b.Type.Locations[0], a.Type.Name, b.Type.Name, shared));
                    break;
                }
            }
        }
    }

    private static bool Same(string left, string right) => string.Equals(left, right, System.StringComparison.OrdinalIgnoreCase);
}
