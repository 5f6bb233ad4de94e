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
internal readonly record struct KitOutcome(Guid Operation, VerdictKind? Status, int? Row, string? Code, string? Constraint)
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
    public Verdict? ToVerdict(int index, ChangeKind kind, Page page)
    {
        var server = Row is null ? null : page;
        return Status switch
        {
            // The local row is gone already; what the server keeps of a soft-deleted one comes with the next pull.
            VerdictKind.Applied when kind == ChangeKind.Delete => new Verdict(index, VerdictKind.Applied),
            VerdictKind.Conflict when kind == ChangeKind.Delete && Row is null => new Verdict(index, VerdictKind.Applied),
            VerdictKind.Applied => new Verdict(index, VerdictKind.Applied, server, Row ?? 0),
            VerdictKind.Conflict => new Verdict(index, VerdictKind.Conflict, server, Row ?? 0),
            VerdictKind.Rejected when Code is null || !ErrorCode.IsCode(Code) => null,
            VerdictKind.Rejected => new Verdict(
                index,
                SingleFault.VerdictOf(ErrorClassifier.FaultOfSqlState(Code)),
                Code: Code,
                Constraint: Constraint is { Length: <= LongestIdentifier } ? Constraint : null),
            _ => null,
        };
    }

    private static VerdictKind? StatusOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("applied"u8) ? VerdictKind.Applied
        : reader.ValueTextEquals("conflict"u8) ? VerdictKind.Conflict
        : reader.ValueTextEquals("rejected"u8) ? VerdictKind.Rejected
        : null;
}
