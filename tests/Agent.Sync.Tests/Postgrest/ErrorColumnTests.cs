using System.Text;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Sending;

namespace Agent.Sync.Tests.Postgrest;

/// <summary>A refused value's column is told where the dataset has it, and nothing else of the message.</summary>
public sealed class ErrorColumnTests
{
    private static readonly Dataset Items = Dataset.Define("items")
        .Key("id", ColumnType.Uuid).Column("name", ColumnType.Text).Column("total_price", ColumnType.Numeric).UpdatedAt("updated_at").Build();

    [Theory]
    [InlineData("null value in column \\\"name\\\" of relation \\\"items\\\" violates not-null constraint", "name")]
    [InlineData("null value in column \\\"total_price\\\" of relation \\\"items\\\" violates not-null constraint", "total_price")]
    [InlineData("NULL-Wert in Spalte \u00bbname\u00ab von Relation \u00bbitems\u00ab verletzt Not-Null-Constraint", "name")]
    [InlineData("null value in column \u201ename\u201c", "name")]
    [InlineData("cannot insert a non-DEFAULT value into column \\\"name\\\"", "name")]
    [InlineData("null value in column \\\"secret\\\" of relation \\\"items\\\"", null)]
    [InlineData("name is missing: name", null)]
    [InlineData("\\ud800 \\\"name\\\"", null)]
    [InlineData("", null)]
    public void Find_MessageWithNames_TellsTheDatasetsColumnOnly(string message, string? column) =>
        Assert.Equal(column, ErrorColumn.Find(Encoding.UTF8.GetBytes($$"""{"code":"23502","details":"Failing row contains (\"id\", \"name\").","message":"{{message}}"}"""), Items));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"message":7}""")]
    [InlineData("""{"message":"null value in column \"na""")]
    [InlineData("""{"\ud800essage":"\"name\""}""")]
    public void Find_BodyThatIsNoError_TellsNothing(string body) => Assert.Null(ErrorColumn.Find(Encoding.UTF8.GetBytes(body), Items));

    [Theory]
    [InlineData("23502", true)]
    [InlineData("428C9", true)]
    [InlineData("23514", false)]
    [InlineData("P0001", false)]
    [InlineData(null, false)]
    public void IsTold_OtherCodes_AreNotRead(string? code, bool isTold) => Assert.Equal(isTold, ErrorColumn.IsTold(code));

    [Fact]
    public async Task Call_ColumnMustNotBeNull_NamesItForTheQuarantine()
    {
        var harness = new TransportHarness();
        harness.Handler.Then(() => Answers.Json(
            System.Net.HttpStatusCode.BadRequest, """{"code":"23502","message":"null value in column \"updated_at\" of relation \"artifacts\""}"""));
        var session = await harness.Client.OpenSessionAsync(harness.Tally, TransportHarness.Cancellation);
        var call = new ApiCall { Dataset = TransportHarness.Dataset, Method = HttpMethod.Post, Schema = "public", PathAndQuery = "artifacts" };

        var exception = await Assert.ThrowsAnyAsync<SyncException>(() => session.CallAsync(call, TransportHarness.Cancellation));
        var verdict = SingleFault.Judge(0, WriteFault.Row, exception);

        Assert.Equal(("23502", "updated_at"), (verdict.Code, verdict.Constraint));
    }
}
