using System.Text.Json;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Output;
using Spectre.Console;

namespace Agent.Sync.Cli.Tests.Output;

/// <summary>What people read. A terminal has 80 columns; only a file's name may be longer than that.</summary>
public sealed class EventTextTests
{
    private const int Columns = 80;

    private static readonly ResultEvent Result = new(
        SyncDirection.Both,
        SyncOutcome.CompletedWithQuarantine,
        CompletenessGrade.Exact,
        AsOf: DateTimeOffset.UnixEpoch,
        Applied: 1_234_567,
        Unchanged: 1_234_567,
        Deleted: 123_456,
        Pushed: 123_456,
        Conflicts: 1,
        Rejected: 12,
        Pending: 3,
        Quarantined: 1_234,
        Parked: 12_345,
        RowsPerSecond: 12_345,
        Seconds: 123.4,
        Pages: 12_345,
        Requests: 12_345,
        Retries: 12,
        Bytes: 123_456_789,
        PeakMemoryBytes: 123_456_789,
        HasMore: true,
        HorizonHeldSince: DateTimeOffset.UnixEpoch,
        ResyncReason.None,
        IsDryRun: false,
        IsEstimate: false,
        ResumedAt: [new DatasetPosition("artifacts", 1_234_567, 12_345_678)],
        Database: "rows.db",
        ExitCode: 5);

    public static TheoryData<EventCase> Events => new(
        Case(Result),
        Case(Result with { Direction = SyncDirection.Push }),
        Case(Result with { Outcome = SyncOutcome.Completed, IsDryRun = true, IsEstimate = true }),
        Case(Result with { Outcome = SyncOutcome.Completed, Grade = CompletenessGrade.Overlap }),
        Case(Result with { Outcome = SyncOutcome.QuarantineFull }),
        Case(Result with { Outcome = SyncOutcome.ResyncRequired, ResyncReason = ResyncReason.TombstonesPurged }),
        Case(Result with { Outcome = SyncOutcome.UserChanged }),
        Case(Result with { Outcome = SyncOutcome.MassDeleteRefused }),
        Case(Result with { Outcome = SyncOutcome.UnrecordedEditsHeld }),
        Case(new SqlEvent("20260101000000_agent_sync.sql", null, [new SqlTable("public.artifacts", ["an index on (updated_at, id)"], ["no policy for select: nobody sees a row"])])),
        Case(new SqlEvent(null, null, [new SqlTable("public.artifacts", [], [])])),
        Case(new DiagnosisEvent([
            new Finding { Code = FindingCodes.Table, Severity = FindingSeverity.Ok, Dataset = "artifacts", What = "The table is there and exposed." },
            new Finding { Code = FindingCodes.Clock, Severity = FindingSeverity.Warning, What = "The device's clock is 2 hours ahead of the server's.", Why = "Positions do not depend on it, but tokens seem expired or not yet valid, and times that your app writes are wrong.", Mend = "Set the device's clock by the network." },
            new Finding { Code = FindingCodes.Grants, Severity = FindingSeverity.Error, Dataset = "artifacts", What = "The role authenticated may not select, insert, update, delete.", Why = "Every run of the dataset fails.", Mend = "grant select, insert, update, delete on \"public\".\"artifacts\" to authenticated;" },
            new Finding { Code = FindingCodes.Stamps, Severity = FindingSeverity.Unknown, Dataset = "artifacts", What = "Whether every update moves the update timestamp shows only in the database's catalog, or at the first push." }], ReadsCatalog: false, "rows.db", 4)),
        Case(new DiagnosisEvent([new Finding { Code = FindingCodes.Table, Severity = FindingSeverity.Ok, Dataset = "artifacts", What = "It is there." }], ReadsCatalog: true, "rows.db", 0)),
        Case(WhyEvent.From(Row(RowState.Missed), showsValues: false, 0)),
        Case(new ScaffoldEvent("Entities.cs", null, [new ScaffoldedClass("artifacts", "Artifact")])),
        Case(new ScaffoldEvent(null, "public sealed partial record Artifact;", [])),
        Case(new ChangeEvent("artifacts/3", "artifacts", ChangeKind.Update, ChangeState.InFlight, JsonElement.Parse("""{"id":"11111111-1111-4111-8111-111111111111"}"""), null, null)),
        Case(new ChangesEvent("rows.db", 1_234_567)),
        Case(new WatchEvent(DateTimeOffset.UnixEpoch, WatchState.UpToDate, 1_234, 12, 345, 1)),
        Case(new WatchEvent(DateTimeOffset.UnixEpoch, WatchState.UpToDate)),
        Case(new WatchEvent(DateTimeOffset.UnixEpoch, WatchState.Failing, Message: "The server is away.")),
        Case(new WatchEvent(DateTimeOffset.UnixEpoch, WatchState.NeedsDecision, Message: "It is full.")),
        Case(new InitEvent("agent-sync.json", [new TableFinding("artifacts", true, ["id"], "updated_at", "version", null, 12, ["row-level security is off: whoever may select sees every row"])], ["which names are views"])),
        Case(new PendingEvent("artifacts", 1_234_567)),
        Case(new StoppedEvent([], 12_345, "rows.db")),
        Case(new StoppedEvent([new DatasetPosition("artifacts", 1_234_567, 12_345_678)], 1, "rows.db")),
        Case(new RetriedEvent("artifacts", 1_234)),
        Case(new DiscardedEvent("artifacts", 1_234)),
        Case(new QuarantineEvent("rows.db", [Rejected("23514", "artifacts_size_check"), Rejected("23503", null)], [])),
        Case(new QuarantineEvent("rows.db", [], [])),
        Case(new QuarantineEvent("rows.db", [], [Parked("local_unique", "artifacts.name"), Parked("local_trigger", null)])),
        Case(new StatusEvent("rows.db", [new DatasetStatus { Dataset = "artifacts", Phase = SyncPhase.Delta, Parked = 1_234_567 }])),
        Case(new ChangedEvent("Made here, 23:59:59", "Renamed here, 23:59:59", "Named here, 23:59:59", "Named elsewhere, 23:59:59", 1_234_567)),
        Case(new StoryEvent(1_234_567, "Named elsewhere, 23:59:59", IsOurs: false, Rejected("23514", "artifacts_size_check"))),
        Case(new StoryEvent(1_234_567, "Named here, 23:59:59", IsOurs: true, Rejected: null)));

    [Theory]
    [MemberData(nameof(Events), DisableDiscoveryEnumeration = true)]
    public void Write_AnyEvent_FitsATerminalAndIsNotStyledInAFile(EventCase one)
    {
        var text = Write(one.Event);

        Assert.NotEmpty(text.Trim());
        Assert.DoesNotContain('\u001b', text);
        Assert.All(text.Split('\n'), static line => Assert.True(line.Length <= Columns, $"{line.Length} columns: {line}"));
    }

    [Theory]
    [MemberData(nameof(Events), DisableDiscoveryEnumeration = true)]
    public void WriteJson_AnyEvent_IsOneObjectWithItsName(EventCase one)
    {
        StringWriter writer = new();
        new JsonOutput(writer).Write(one.Event);

        using var parsed = JsonDocument.Parse(writer.ToString());
        Assert.Equal(one.Event.Event, parsed.RootElement.GetProperty("event").GetString());
    }

    [Fact]
    public void Write_RowInAnyState_FitsATerminalAndShowsNoValueUnlessAskedFor()
    {
        foreach (var state in Enum.GetValues<RowState>())
        {
            var text = Write(WhyEvent.From(Row(state), showsValues: false, 0));

            Assert.All(text.Split('\n'), static line => Assert.True(line.Length <= Columns, $"{line.Length} columns: {line}"));
            Assert.DoesNotContain("a value", text, StringComparison.Ordinal);
            Assert.Contains("here       yes, version 7", text, StringComparison.Ordinal);
        }

        Assert.Contains("a value", Write(WhyEvent.From(Row(RowState.InStep), showsValues: true, 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_DiagnosisWithoutFaults_IsAFewLines()
    {
        var findings = Enumerable.Range(0, 40).Select(static number => new Finding { Code = FindingCodes.Table, Severity = FindingSeverity.Ok, Dataset = number < 20 ? "artifacts" : null, What = "It is in order." });

        Assert.Equal("project    20 checks in order\nartifacts  20 checks in order\nNothing is wrong.", Write(new DiagnosisEvent([.. findings], ReadsCatalog: true, "rows.db", 0)).Trim());
    }

    [Fact]
    public void Write_ResultOfBothWays_TellsBoth()
    {
        var text = Write(Result);

        Assert.Contains("up         123,456 changes sent, 1 conflict settled, 12 rejected", text, StringComparison.Ordinal);
        Assert.Contains("down       1,234,567 rows applied, 1,234,567 unchanged, 123,456 deleted", text, StringComparison.Ordinal);
        Assert.Contains("quarantine 1,234 changes that the server rejected", text, StringComparison.Ordinal);
        Assert.Contains("parked     12,345 rows of the server that the file refuses", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SyncDirection.Pull, "\nup ")]
    [InlineData(SyncDirection.Push, "\ndown ")]
    [InlineData(SyncDirection.Push, "\ngrade ")]
    public void Write_ResultOfOneWay_LeavesTheOtherOut(SyncDirection direction, string label)
    {
        var text = Write(Result with { Direction = direction });

        Assert.DoesNotContain(label, text, StringComparison.Ordinal);
        Assert.Contains(label, Write(Result), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Quarantine_TellsNameKeyReasonCodeAndTheWaysOut()
    {
        var text = Write(new QuarantineEvent("rows.db", [Rejected("23514", "artifacts_size_check")], []));

        Assert.Contains("change     artifacts/3", text, StringComparison.Ordinal);
        Assert.Contains("update     id 11111111-1111-4111-8111-111111111111", text, StringComparison.Ordinal);
        Assert.Contains("reason     a rule of the table forbids it: artifacts_size_check (23514)", text, StringComparison.Ordinal);
        Assert.Contains("--retry", text, StringComparison.Ordinal);
        Assert.Contains("--discard", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ParkedRows_TellsKeyReasonCodeAndConstraint()
    {
        var text = Write(new QuarantineEvent("rows.db", [Rejected("23514", null)], [Parked("local_unique", "artifacts.name")]));

        Assert.Contains("1 change in quarantine", text, StringComparison.Ordinal);
        Assert.Contains("1 row parked", text, StringComparison.Ordinal);
        Assert.Contains("write      id 11111111-1111-4111-8111-111111111111", text, StringComparison.Ordinal);
        Assert.Contains("artifacts.name (local_unique)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteJson_ParkedRows_HasKeyCodeAndConstraint()
    {
        StringWriter writer = new();
        new JsonOutput(writer).Write(new QuarantineEvent("rows.db", [], [Parked("local_check", "size_check")]));

        using var parsed = JsonDocument.Parse(writer.ToString());
        var parked = parsed.RootElement.GetProperty("parked")[0];
        Assert.Equal("11111111-1111-4111-8111-111111111111", parked.GetProperty("key").GetProperty("id").GetString());
        Assert.Equal(("local_check", "size_check"), (parked.GetProperty("code").GetString(), parked.GetProperty("constraint").GetString()));
    }

    [Fact]
    public void WriteJson_Quarantine_HasTheKeyAsAnObject()
    {
        StringWriter writer = new();
        new JsonOutput(writer).Write(new QuarantineEvent("rows.db", [Rejected("23505", "names")], []));

        using var parsed = JsonDocument.Parse(writer.ToString());
        var change = parsed.RootElement.GetProperty("changes")[0];
        Assert.Equal("artifacts/3", change.GetProperty("id").GetString());
        Assert.Equal("11111111-1111-4111-8111-111111111111", change.GetProperty("key").GetProperty("id").GetString());
        Assert.Equal("another row has the same value where it must be unique: names", change.GetProperty("reason").GetString());
    }

    private static string Write(ConsoleEvent consoleEvent)
    {
        StringWriter writer = new();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = 10_000;
        new EventText(new TextWriterPair(console, console)).Write(consoleEvent);
        return writer.ToString().ReplaceLineEndings("\n");
    }

    private static EventCase Case(ConsoleEvent one) => new(one);

    private static ParkedEntry Parked(string code, string? constraint) => ParkedEntry.From(new ParkedRow
    {
        Id = 7,
        Dataset = "artifacts",
        Key = """{"id":"11111111-1111-4111-8111-111111111111"}""",
        Code = code,
        Constraint = constraint,
    });

    private static RowExplanation Row(RowState state) => new()
    {
        Dataset = "artifacts",
        Key = """{"id":"11111111-1111-4111-8111-111111111111"}""",
        State = state,
        VersionColumn = "version",
        IsLocal = true,
        LocalVersion = "7",
        IsOnServer = true,
        ServerVersion = "8",
        BaseVersion = "7",
        HasTombstone = true,
        Changes = [new LocalChange { Id = 3, Dataset = "artifacts", Kind = ChangeKind.Update, State = ChangeState.Quarantined, Key = """{"id":"11111111-1111-4111-8111-111111111111"}""", Code = "23514", Constraint = "artifacts_size_check" }],
        Parked = new ParkedRow { Id = 4, Dataset = "artifacts", Key = """{"id":"11111111-1111-4111-8111-111111111111"}""", Code = "local_unique", Constraint = "artifacts.name" },
        DifferingColumns = ["name", "size", "updated_at"],
        ServerFailure = "The server could not be reached or the connection broke (ConnectionRefused). Check the network and the URL.",
        Local = """{"name":"a value"}"""u8.ToArray(),
        Server = """{"name":"a value"}"""u8.ToArray(),
    };

    private static QuarantinedChange Rejected(string code, string? constraint) => QuarantinedChange.From(new LocalChange
    {
        Id = 3,
        Dataset = "artifacts",
        Kind = ChangeKind.Update,
        State = ChangeState.Quarantined,
        Key = """{"id":"11111111-1111-4111-8111-111111111111"}""",
        Code = code,
        Constraint = constraint,
        RejectedAt = DateTimeOffset.UnixEpoch,
    });

    /// <summary>An event as a theory's row: the sample's own types are internal.</summary>
    public sealed class EventCase
    {
        internal EventCase(ConsoleEvent one) => Event = one;

        internal ConsoleEvent Event { get; }

        public override string ToString() => Event.ToString();
    }
}
