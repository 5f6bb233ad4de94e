using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Agent.Sync.Generators;

/// <summary>Finds a secret key that is written in the source, and a sync whose result nobody looks at.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UsageAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Descriptors.SecretKey, Descriptors.DroppedResult];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterOperationAction(FindArgument, OperationKind.Argument);
        context.RegisterOperationAction(FindAssignment, OperationKind.SimpleAssignment);
        context.RegisterOperationAction(FindDropped, OperationKind.ExpressionStatement);
    }

    private static void FindArgument(OperationAnalysisContext context)
    {
        if (context.Operation is IArgumentOperation { Parameter: { } parameter } argument && IsOurs(parameter.ContainingType))
        {
            ReportSecret(context, argument.Value);
        }
    }

    private static void FindAssignment(OperationAnalysisContext context)
    {
        var assignment = (ISimpleAssignmentOperation)context.Operation;
        if (assignment.Target is IPropertyReferenceOperation target && IsOurs(target.Property.ContainingType))
        {
            ReportSecret(context, assignment.Value);
        }
    }

    private static void FindDropped(OperationAnalysisContext context)
    {
        var statement = (IExpressionStatementOperation)context.Operation;
        if (statement.Operation is IAwaitOperation { Type: { Name: "SyncResult" } type } dropped && IsOurs(type))
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.DroppedResult, dropped.Syntax.GetLocation()));
        }
    }

    private static bool IsOurs(ITypeSymbol? type) => type?.ContainingNamespace?.ToDisplayString() is "Agent.Sync";

    private static void ReportSecret(OperationAnalysisContext context, IOperation value)
    {
        if (value.ConstantValue is { HasValue: true, Value: string text } && IsSecret(text))
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.SecretKey, value.Syntax.GetLocation()));
        }
    }

    private static bool IsSecret(string text) => text.StartsWith("sb_secret_", StringComparison.Ordinal) || IsServiceRole(text.Split('.'));

    /// <summary>A legacy key is a JWT, whose middle part names the role.</summary>
    private static bool IsServiceRole(string[] parts)
    {
        if (parts.Length != 3 || !parts[0].StartsWith("ey", StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            var payload = parts[1].Replace('-', '+').Replace('_', '/');
            var json = Encoding.UTF8.GetString(Convert.FromBase64String(payload.PadRight((payload.Length + 3) / 4 * 4, '=')));
            return new string([.. json.Where(static c => !char.IsWhiteSpace(c))]).Contains("\"role\":\"service_role\"");
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
