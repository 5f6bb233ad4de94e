using System.Collections.Immutable;
using System.Composition;
using System.Threading.Tasks;
using Agent.Sync.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Agent.Sync.CodeFixes;

/// <summary>Calls EnsureCompleted() on a result that nobody looks at.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class DroppedResultCodeFix : CodeFixProvider
{
    private const string Title = "Call EnsureCompleted()";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [Descriptors.DroppedResult.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span).FirstAncestorOrSelf<AwaitExpressionSyntax>() is { } dropped)
        {
            context.RegisterCodeFix(CodeAction.Create(Title, _ => CallAsync(context.Document, root, dropped), equivalenceKey: Title), context.Diagnostics);
        }
    }

    private static Task<Document> CallAsync(Document document, SyntaxNode root, AwaitExpressionSyntax dropped)
    {
        var call = SyntaxFactory.InvocationExpression(SyntaxFactory.MemberAccessExpression(
                SyntaxKind.SimpleMemberAccessExpression,
                SyntaxFactory.ParenthesizedExpression(dropped.WithoutTrivia()),
                SyntaxFactory.IdentifierName("EnsureCompleted")))
            .WithTriviaFrom(dropped);
        return Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(dropped, call)));
    }
}
