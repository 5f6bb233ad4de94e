using System.Text;
using System.Text.Json;
using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;
using CsCheck;

namespace Agent.Sync.Tests.Checkpoints;

public sealed class CheckpointCodecTests
{
    private static readonly ContentSeal Seal = new([], new byte[32]);
    private static readonly CheckpointId Slot = CheckpointId.For(Items.Dataset);

    [Fact]
    public void Read_AnyState_GivesItBack()
    {
        var genTexts = Gen.String.Array[1, 3].Null();
        Gen.Select(genTexts, Gen.Long.Nullable(), Gen.Bool, Gen.Long[0, long.MaxValue], Gen.String).Sample((position, generation, delta, rows, cursor) =>
        {
            var state = States.Backfill() with
            {
                Phase = delta ? SyncPhase.Delta : SyncPhase.Backfill,
                Generation = generation,
                Mark = position?[0],
                Ranges = delta ? [] : [KeyRange.Everything with { Position = position }, new KeyRange(["a"], null, null, Done: true)],
                SafePosition = delta ? new CursorPosition(PageOrder.Cursor, cursor, position ?? []) : null,
                Grade = delta ? CompletenessGrade.Exact : CompletenessGrade.Overlap,
                Epoch = position?[0],
                SafeTombstonePosition = delta ? CursorPosition.AtOrAfter(cursor) : null,
                SafeAt = delta ? Items.Noon : null,
                Reconciles = generation is null ? null : new KnownRows(position?[0], cursor),
                RowsCompleted = rows,
                SavedAt = Items.Noon,
            };

            var read = CheckpointCodec.Read(Seal, Slot, "items", CheckpointCodec.Write(Seal, Slot, state));

            Assert.Equivalent(state, read, strict: true);
            Assert.Equal(state.SafePosition, read.SafePosition);
        });
    }

    [Fact]
    public void Read_CheckpointFromBeforeThereWereGrades_IsAnOverlappingOne()
    {
        const string Before = """
            {"Scope":{"Project":"p","User":"u","Role":"r","Filter":"f","Schema":"s"},"Columns":[{"Name":"id","Type":"Integer"}],
            "StoreId":"11111111-2222-3333-4444-555555555555","Phase":"Delta","Mark":"m","Ranges":[],
            "Settled":{"Order":"Cursor","CursorValue":"2026-03-01T12:00:00+00:00","KeyValues":[]},"RowsCompleted":7,"SavedAt":"2026-03-01T12:00:00+00:00"}
            """;

        var state = CheckpointCodec.Read(Seal, Slot, "items", Seal.Seal($"checkpoint {Slot.Id}", Encoding.UTF8.GetBytes(Before)));

        Assert.Equal((CompletenessGrade.Overlap, null, null), (state.Grade, state.Epoch, state.SafeTombstonePosition));
    }

    [Fact]
    public void Write_OverlappingCheckpoint_HasNoMemberThatOlderVersionsDoNotKnow()
    {
        Seal.Open($"checkpoint {Slot.Id}", CheckpointCodec.Write(Seal, Slot, States.Delta("x")), out var payload);

        foreach (var later in new[] { "Grade", "Epoch", "TombstonesSettled", "SettledAt", "Reconciles" })
        {
            Assert.DoesNotContain($"\"{later}\"", Encoding.UTF8.GetString(payload.Span), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_AnyBitFlippedOrCutOrExtended_IsRefusedWithoutContent()
    {
        var content = CheckpointCodec.Write(Seal, Slot, States.Delta("canary"));
        for (var position = 0; position < content.Length; position++)
        {
            var changed = content.ToArray();
            changed[position] ^= 0x40;
            AssertRefused(changed, position == 0 ? SyncErrorKind.CheckpointTooNew : SyncErrorKind.CheckpointRefused);
            AssertRefused(content[..position], SyncErrorKind.CheckpointRefused);
        }

        AssertRefused([.. content, 1], SyncErrorKind.CheckpointRefused);
    }

    [Fact]
    public void Read_AnotherSlotsCheckpoint_IsRefused()
    {
        var other = CheckpointId.For(Items.Define().Named("other").Build());

        AssertRefused(CheckpointCodec.Write(Seal, other, States.Backfill()), SyncErrorKind.CheckpointRefused);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"canary\":1}")]
    public void Read_GenuineButUnknownContent_IsTooNew(string json) =>
        AssertRefused(Seal.Seal($"checkpoint {Slot.Id}", Encoding.UTF8.GetBytes(json)), SyncErrorKind.CheckpointTooNew);

    [Fact]
    public void Read_StateWithAMemberOfALaterVersion_IsTooNew()
    {
        Seal.Open($"checkpoint {Slot.Id}", CheckpointCodec.Write(Seal, Slot, States.Backfill()), out var payload);
        var json = Encoding.UTF8.GetString(payload.Span);

        AssertRefused(Seal.Seal($"checkpoint {Slot.Id}", Encoding.UTF8.GetBytes($"{json[..^1]},\"Later\":1}}")), SyncErrorKind.CheckpointTooNew);
    }

    [Fact]
    public void Write_AUsersScope_HoldsHashesOnly()
    {
        var state = States.Backfill() with { Scope = ScopeStamp.For(Items.Dataset, new Uri("https://canary.example"), "canary", "canary") };
        Seal.Open($"checkpoint {Slot.Id}", CheckpointCodec.Write(Seal, Slot, state), out var payload);

        Assert.DoesNotContain("canary", Encoding.UTF8.GetString(payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_StateWithEveryMember_HasTheNamesThatAreOnUsersDisks()
    {
        var state = States.Delta("c") with
        {
            Scope = new ScopeStamp("p", "u", "r", "f", "s"),
            Columns = [.. Enum.GetValues<ColumnType>().Select(static type => new DatasetColumn("n", type))],
            Grade = CompletenessGrade.Exact,
            Epoch = "e",
            Generation = 2,
            Ranges = [new KeyRange(["a"], ["b"], ["c"], Done: true)],
            SafeTombstonePosition = new CursorPosition(PageOrder.Key, null, ["k"]),
            SafeAt = Items.Noon,
            Reconciles = new KnownRows("x", "y"),
            Reread = 3,
            RowsCompleted = 4,
            SavedAt = Items.Noon,
        };

        Seal.Open($"checkpoint {Slot.Id}", CheckpointCodec.Write(Seal, Slot, state), out var payload);

        var columns = string.Join(
            ',',
            new[] { "Text", "Uuid", "Integer", "Boolean", "Double", "Numeric", "Timestamptz", "Timestamp", "Date", "Time", "Json", "Bytes" }
                .Select(static type => $$"""{"Name":"n","Type":"{{type}}"}"""));
        Assert.Equal(
            $$$"""
            {"Scope":{"Project":"p","User":"u","Role":"r","Filter":"f","Schema":"s"},"Columns":[{{{columns}}}],
            "StoreId":"11111111-2222-3333-4444-555555555555","Phase":"Delta","Grade":"Exact","Epoch":"e","Generation":2,"Mark":"c",
            "Ranges":[{"From":["a"],"To":["b"],"Position":["c"],"Done":true}],"Settled":{"Order":"Cursor","CursorValue":"c","KeyValues":[]},
            "TombstonesSettled":{"Order":"Key","KeyValues":["k"]},"SettledAt":"2026-03-01T12:00:00+00:00","Reconciles":{"Column":"x","Below":"y"},
            "Reread":3,"RowsCompleted":4,"SavedAt":"2026-03-01T12:00:00+00:00"}
            """.ReplaceLineEndings(string.Empty),
            Encoding.UTF8.GetString(payload.Span));
        using var written = JsonDocument.Parse(payload);
        Assert.Equal(typeof(CheckpointState).GetProperties().Count(static property => property.CanWrite), written.RootElement.EnumerateObject().Count());
        Assert.Equivalent(state, CheckpointCodec.Read(Seal, Slot, "items", CheckpointCodec.Write(Seal, Slot, state)), strict: true);
    }

    [Fact]
    public void Write_AnyPhase_HasItsName()
    {
        foreach (var phase in Enum.GetValues<SyncPhase>())
        {
            Seal.Open($"checkpoint {Slot.Id}", CheckpointCodec.Write(Seal, Slot, States.Backfill() with { Phase = phase }), out var payload);

            Assert.Contains($"\"Phase\":\"{phase}\"", Encoding.UTF8.GetString(payload.Span), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\"RowsCompleted\":0", "\"RowsCompleted\":0,\"RowsCompleted\":1")]
    [InlineData("\"Phase\":\"Backfill\"", "\"Phase\":\"Later\"")]
    [InlineData("\"Phase\":\"Backfill\"", "\"Phase\":1")]
    [InlineData("\"Done\":false", "\"Later\":false")]
    [InlineData("\"Ranges\":[{", "\"Ranges\":[null,{")]
    [InlineData("\"Ranges\"", "\"Reread\":1,\"Rangez\"")]
    [InlineData("\"Schema\":", "\"Schemas\":")]
    public void Read_StateOfAnotherShape_IsTooNew(string part, string other)
    {
        Seal.Open($"checkpoint {Slot.Id}", CheckpointCodec.Write(Seal, Slot, States.Backfill()), out var payload);
        var json = Encoding.UTF8.GetString(payload.Span);
        Assert.Contains(part, json, StringComparison.Ordinal);

        AssertRefused(Seal.Seal($"checkpoint {Slot.Id}", Encoding.UTF8.GetBytes(json.Replace(part, other, StringComparison.Ordinal))), SyncErrorKind.CheckpointTooNew);
    }

    private static void AssertRefused(byte[] content, SyncErrorKind kind)
    {
        var exception = Assert.Throws<SyncProtocolException>(() => CheckpointCodec.Read(Seal, Slot, "items", content));
        Assert.Equal(kind, exception.Kind);
        Assert.Contains("ResetAsync", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
    }
}
