using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Agent.Sync.Generators;

/// <summary>Implements ISyncEntity for every partial class with [SyncTable]. What is wrong with one is said by <see cref="EntityAnalyzer"/>.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class EntityGenerator : IIncrementalGenerator
{
    internal const string TableAttribute = "Agent.Sync.SyncTableAttribute";
    internal const string Models = "Entities";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var entities = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                TableAttribute,
                static (_, _) => true,
                static (found, cancellationToken) => EntityParser.Parse((INamedTypeSymbol)found.TargetSymbol, out _, cancellationToken))
            .Where(static entity => entity is not null)
            .WithTrackingName(Models);
        context.RegisterSourceOutput(entities, static (output, entity) => output.AddSource(entity!.FileName, SourceText.From(EntityWriter.Write(entity), Encoding.UTF8)));
    }
}
