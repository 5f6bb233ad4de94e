using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Agent.Sync.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace Agent.Sync.CodeFixes;

/// <summary>Mends an entity: makes it partial, marks the property that looks like its key or update timestamp, leaves out one that has no column type.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class EntityCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } =
        [Descriptors.NotPartial.Id, Descriptors.NoKey.Id, Descriptors.NoUpdatedAt.Id, Descriptors.UnsupportedType.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var node = root?.FindNode(context.Span);
        var type = node?.FirstAncestorOrSelf<TypeDeclarationSyntax>();
        if (node is null || type is null)
        {
            return;
        }

        var id = context.Diagnostics[0].Id;
        if (id == Descriptors.NotPartial.Id)
        {
            Register(context, "Make it partial", cancellationToken => MakePartialAsync(context.Document, type, cancellationToken));
            return;
        }

        var (property, attribute) = id == Descriptors.NoKey.Id ? (Find(type, "Id", type.Identifier.ValueText + "Id"), "SyncKey")
            : id == Descriptors.NoUpdatedAt.Id ? (Find(type, "UpdatedAt", "ModifiedAt", "LastModified"), "SyncUpdatedAt")
            : (node.FirstAncestorOrSelf<PropertyDeclarationSyntax>(), "SyncIgnore");
        if (property is not null)
        {
            Register(context, $"Mark '{property.Identifier.ValueText}' with [{attribute}]", cancellationToken => MarkAsync(context.Document, property, attribute, cancellationToken));
        }
    }

    private static PropertyDeclarationSyntax? Find(TypeDeclarationSyntax type, params string[] names) =>
        type.Members.OfType<PropertyDeclarationSyntax>().FirstOrDefault(property => names.Contains(property.Identifier.ValueText));

    private static void Register(CodeFixContext context, string title, System.Func<CancellationToken, Task<Document>> mend) =>
        context.RegisterCodeFix(CodeAction.Create(title, mend, equivalenceKey: context.Diagnostics[0].Id), context.Diagnostics);

    private static async Task<Document> MakePartialAsync(Document document, TypeDeclarationSyntax type, CancellationToken cancellationToken)
    {
        // The types around it must be partial as well.
        var editor = await DocumentEditor.CreateAsync(document, cancellationToken).ConfigureAwait(false);
        foreach (var closed in type.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().Where(static candidate => !candidate.Modifiers.Any(SyntaxKind.PartialKeyword)))
        {
            editor.ReplaceNode(closed, static (current, generator) => generator.WithModifiers(current, generator.GetModifiers(current).WithPartial(true)));
        }

        return editor.GetChangedDocument();
    }

    private static async Task<Document> MarkAsync(Document document, PropertyDeclarationSyntax property, string attribute, CancellationToken cancellationToken)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellationToken).ConfigureAwait(false);
        editor.AddAttribute(property, editor.Generator.Attribute("Agent.Sync." + attribute).WithAdditionalAnnotations(Microsoft.CodeAnalysis.Simplification.Simplifier.Annotation));
        return editor.GetChangedDocument();
    }
}
