namespace Agent.Sync.Tests;

public sealed class LocalChangeTests
{
    private static readonly LocalChange Rejected = new()
    {
        Id = 7,
        Dataset = "notes",
        Kind = ChangeKind.Update,
        State = ChangeState.Quarantined,
        Key = """{"tenant":12,"id":"6F9619FF-8B86-D011-B42D-00CF4FC964FF","name":"a \"b\""}""",
        Code = "23505",
        Constraint = "notes_title_key",
    };

    [Fact]
    public void Describe_ARejectedChange_SaysWhyAndWhere() =>
        Assert.Equal("another row has the same value where it must be unique: notes_title_key", Rejected.Describe());

    [Theory]
    [InlineData(ChangeState.Waiting, "it waits to be sent")]
    [InlineData(ChangeState.InFlight, "it was sent, and the answer has not arrived")]
    public void Describe_AnyOtherState_SaysWhereTheChangeStands(ChangeState state, string expected) =>
        Assert.Equal(expected, (Rejected with { State = state, Code = null, Constraint = null }).Describe());

    [Theory]
    [InlineData(ChangeCodes.KeyTaken, "another row has this key")]
    [InlineData(ChangeCodes.LocalValue, "does not fit")]
    [InlineData(ChangeCodes.Unrecorded, "nothing recorded an edit")]
    [InlineData(ChangeCodes.ColumnGone, "no longer has")]
    [InlineData("22P02", "does not fit its column")]
    [InlineData("23999", "a constraint")]
    [InlineData("23502", "a required column is empty")]
    [InlineData("42501", "this user may not write that row")]
    [InlineData("P0001", "a trigger of the table refused it")]
    [InlineData("413", "it is too large for the server")]
    [InlineData("57P01", "the server refused it")]
    [InlineData(null, "the server refused it")]
    public void Describe_EachCode_HasWords(string? code, string words) =>
        Assert.Contains(words, (Rejected with { Code = code }).Describe(), StringComparison.Ordinal);

    [Fact]
    public void Describe_AParkedRow_SaysWhatTheTableRefuses() => Assert.Equal(
        "a column that the local table requires is empty: notes.title",
        new ParkedRow { Id = 1, Dataset = "notes", Key = "{}", Code = "local_not_null", Constraint = "notes.title" }.Describe());

    [Fact]
    public void GetKey_EachType_IsRead()
    {
        Assert.Equal(12, Rejected.GetKey<long>("tenant"));
        Assert.Equal(new Guid("6F9619FF-8B86-D011-B42D-00CF4FC964FF"), Rejected.GetKey<Guid>("id"));
        Assert.Equal("a \"b\"", Rejected.GetKey<string>("name"));
    }

    [Fact]
    public void GetKey_UnknownColumnOrOtherType_Throws()
    {
        Assert.Throws<ArgumentException>(() => Rejected.GetKey<long>("title"));
        Assert.Throws<FormatException>(() => Rejected.GetKey<Guid>("tenant"));
    }
}
