using System.Text.Json;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Sending;

namespace Agent.Sync.Push.Kit;

/// <summary>One outcome of the SQL kit's push function.</summary>
/// <param name="Operation">The change's operation id.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Row">The position of the server's row among the answer's; null when there is none.</param>
/// <param name="Code">Why it was rejected.</param>
/// <param name="Constraint">The broken constraint.</param>
internal readonly record struct KitOutcome(Guid Operation, OutcomeKind? Status, int? Row, string? Code, string? Constraint)
{
    private const int LongestIdentifier = 63;

    /// <summary>Reads the object that the reader stands on.</summary>
    public static KitOutcome Read(ref Utf8JsonReader reader)
    {
        KitOutcome outcome = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("op"u8))
            {
                reader.Read();
                outcome = outcome with { Operation = reader.GetGuid() };
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                reader.Read();
                outcome = outcome with { Status = StatusOf(ref reader) };
            }
            else if (reader.ValueTextEquals("row"u8))
            {
                reader.Read();
                outcome = outcome with { Row = reader.TokenType == JsonTokenType.Null ? null : reader.GetInt32() };
            }
            else if (reader.ValueTextEquals("code"u8))
            {
                reader.Read();
                outcome = outcome with { Code = reader.GetString() };
            }
            else if (reader.ValueTextEquals("constraint"u8))
            {
                reader.Read();
                outcome = outcome with { Constraint = reader.GetString() };
            }
            else
            {
                reader.Skip();
            }
        }

        return outcome;
    }

    /// <summary>Returns what it means for a change; null when it means nothing.</summary>
    public ChangeOutcome? ToOutcome(int index, ChangeKind kind, Page page)
    {
        var server = Row is null ? null : page;
        return Status switch
        {
            // The local row is gone already; what the server keeps of a soft-deleted one comes with the next pull.
            OutcomeKind.Applied when kind == ChangeKind.Delete => new ChangeOutcome(index, OutcomeKind.Applied),
            OutcomeKind.Conflict when kind == ChangeKind.Delete && Row is null => new ChangeOutcome(index, OutcomeKind.Applied),
            OutcomeKind.Applied => new ChangeOutcome(index, OutcomeKind.Applied, server, Row ?? 0),
            OutcomeKind.Conflict => new ChangeOutcome(index, OutcomeKind.Conflict, server, Row ?? 0),
            OutcomeKind.Rejected when Code is null || !ErrorCode.IsCode(Code) => null,
            OutcomeKind.Rejected => new ChangeOutcome(
                index,
                SingleFault.OutcomeOf(ErrorClassifier.FaultOfSqlState(Code)),
                Code: Code,
                Constraint: Constraint is { Length: <= LongestIdentifier } ? Constraint : null),
            _ => null,
        };
    }

    private static OutcomeKind? StatusOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("applied"u8) ? OutcomeKind.Applied
        : reader.ValueTextEquals("conflict"u8) ? OutcomeKind.Conflict
        : reader.ValueTextEquals("rejected"u8) ? OutcomeKind.Rejected
        : null;
}
