using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>The double answers writes as PostgREST does: statuses, representations, and the codes of what it refuses.</summary>
public sealed class PostgrestDoubleWriteTests : DoubleTest
{
    private const string Ignore = "resolution=ignore-duplicates,return=representation";

    private const string Merge = "resolution=merge-duplicates,return=representation";

    private readonly PostgrestTable _table;

    public PostgrestDoubleWriteTests() => _table = Server.AddTable(Dataset.Define("items").Key("id", ColumnType.Integer).Column("title", ColumnType.Text)
        .Column("folder", ColumnType.Integer).UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build());

    [Theory]
    [InlineData("POST", "items", """{"id":2}""", 201)]
    [InlineData("PATCH", "items?id=eq.1", """{"title":"x"}""", 204)]
    [InlineData("DELETE", "items?id=eq.1", null, 204)]
    public async Task Write_WithoutRepresentation_IsEmpty(string method, string path, string? body, int status)
    {
        _table.Insert("""{"id":1}""");

        Assert.Equal((status, string.Empty), await SendAsync(method, path, body, prefer: "return=minimal"));
    }

    [Fact]
    public async Task Post_Rows_AnswersWithThemAsTheServerStampedThem()
    {
        var answer = await SendAsync("POST", "items?columns=id,title&select=id,title,version,updated_at", """[{"id":1,"title":"a"},{"id":2,"title":null}]""");

        Assert.Equal(
            (201, """[{"id":1,"title":"a","version":1,"updated_at":"2026-01-01T12:00:00+00:00"},{"id":2,"title":null,"version":1,"updated_at":"2026-01-01T12:00:00+00:00"}]"""),
            answer);
    }

    [Fact]
    public async Task Post_ServersColumns_AreStampedOver()
    {
        var answer = await SendAsync("POST", "items?select=version,updated_at", """{"id":1,"version":9,"updated_at":"2000-01-01T00:00:00+00:00"}""");

        Assert.Equal((201, """[{"version":1,"updated_at":"2026-01-01T12:00:00+00:00"}]"""), answer);
    }

    [Fact]
    public async Task Post_Columns_DecideWhatIsWritten()
    {
        var answer = await SendAsync("POST", "items?columns=id,title&select=id,title,folder", """[{"id":1,"folder":7},{"id":2,"title":"b"}]""");

        Assert.Equal((201, """[{"id":1,"title":null,"folder":null},{"id":2,"title":"b","folder":null}]"""), answer);
    }

    [Fact]
    public async Task Post_IgnoreDuplicates_AnswersWithTheNewRowsOnly()
    {
        _table.Insert("""{"id":1,"title":"there"}""");

        var answer = await SendAsync("POST", "items?on_conflict=id&select=id,title", """[{"id":1,"title":"a"},{"id":2,"title":"b"}]""", Ignore);

        Assert.Equal((201, """[{"id":2,"title":"b"}]"""), answer);
        Assert.Contains("\"title\":\"there\"", _table.FindRow("1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"id":1,"title":"a"},{"id":2,"title":"b"}]""", 201)]
    [InlineData("""[{"id":1,"title":"a"}]""", 200)]
    public async Task Post_MergeDuplicates_WritesTheNamedColumnsOver(string body, int status)
    {
        _table.Insert("""{"id":1,"title":"there","folder":7}""");

        var answer = await SendAsync("POST", "items?on_conflict=id&columns=id,title&select=id,title,folder,version", body, Merge);

        Assert.Equal(status, answer.Status);
        Assert.StartsWith("""[{"id":1,"title":"a","folder":7,"version":2}""", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patch_ByKeyAndVersion_MeetsTheRowOnce()
    {
        _table.Insert("""{"id":1,"title":"a"}""");

        Assert.Equal((200, """[{"title":"b","version":2}]"""), await SendAsync("PATCH", "items?select=title,version&id=eq.1&version=eq.1", """{"title":"b"}"""));
        Assert.Equal((200, "[]"), await SendAsync("PATCH", "items?select=title,version&id=eq.1&version=eq.1", """{"title":"c"}"""));
    }

    [Fact]
    public async Task Delete_ByKey_AnswersWithTheRowAsItWas()
    {
        _table.Insert("""{"id":1,"title":"a"}""");

        Assert.Equal((200, """[{"title":"a"}]"""), await SendAsync("DELETE", "items?select=title&id=eq.1"));
        Assert.Equal((200, "[]"), await SendAsync("DELETE", "items?select=title&id=eq.1"));
        Assert.Null(_table.FindRow("1"));
    }

    [Fact]
    public async Task Post_MoreThanMaxRows_AnswersWithAllOfThem()
    {
        Server.MaxRows = 1;

        Assert.Equal((201, """[{"id":1},{"id":2}]"""), await SendAsync("POST", "items?select=id", """[{"id":1},{"id":2}]"""));
        Assert.NotNull(_table.FindRow("2"));
    }

    [Theory]
    [InlineData("POST", "items", """{"id":1,"title":"again"}""", "", 409, "23505")]
    [InlineData("POST", "items", """{"title":"no key"}""", "", 400, "23502")]
    [InlineData("POST", "items", """{"id":2,"folder":9}""", "", 409, "23503")]
    [InlineData("POST", "items", """{"id":2,"title":"taken"}""", "", 409, "23505")]
    [InlineData("POST", "items", """{"id":2,"title":"bad"}""", "", 400, "23514")]
    [InlineData("POST", "items", """{"id":2,"title":"raise"}""", "", 400, "P0001")]
    [InlineData("POST", "items", """{"id":"x"}""", "", 400, "22P02")]
    [InlineData("POST", "items", """{"id":2,"nothing":1}""", "", 400, "PGRST204")]
    [InlineData("POST", "items", """[{"id":2},{"id":3,"title":"b"}]""", "", 400, "PGRST102")]
    [InlineData("POST", "items", "[{", "", 400, "PGRST102")]
    [InlineData("POST", "items?columns=id", "[{", "", 400, "22P02")]
    [InlineData("POST", "items?on_conflict=title", """{"id":2,"title":"b"}""", Ignore, 400, "42P10")]
    [InlineData("POST", "items?on_conflict=id", """[{"id":2},{"id":2}]""", Merge, 500, "21000")]
    [InlineData("PATCH", "items?id=eq.1", """{"title":"bad"}""", "", 400, "23514")]
    [InlineData("PATCH", "items?id=eq.1", """{"id":5}""", "", 409, "23505")]
    [InlineData("DELETE", "folders?id=eq.7", null, "", 409, "23503")]
    [InlineData("DELETE", "nothing?id=eq.7", null, "", 404, "PGRST205")]
    public async Task Write_ThatBreaksARule_IsRefusedWithItsCode(string method, string path, string? body, string prefer, int status, string code)
    {
        var folders = Server.AddTable(SampleDatasets.Of("folders").Build());
        _table.AddUnique("items_title_key", "title").AddForeignKey("items_folder_fkey", "folder", folders)
            .AddCheck("items_title_check", static row => row.Contains("bad", StringComparison.Ordinal) ? "23514" : row.Contains("raise", StringComparison.Ordinal) ? "P0001" : null);
        folders.Insert("""{"id":7}""");
        _table.Insert("""{"id":1,"title":"one","folder":7}""");
        _table.Insert("""{"id":5,"title":"taken"}""");

        Assert.Equal((status, code), await RefuseAsync(method, path, body, prefer));
        Assert.Equal(2, _table.VisibleRows(null).Count);
    }

    [Theory]
    [InlineData("return=representation", 400, "23502")]
    [InlineData(Ignore, 400, "23502")]
    [InlineData(Merge, 400, "23502")]
    public async Task Post_OneBadRowAmongMany_LeavesNothing(string prefer, int status, string code)
    {
        _table.AddNotNull("title").Insert("""{"id":1,"title":"there"}""");
        var before = _table.VisibleRows(null);

        var refusal = await RefuseAsync("POST", "items?on_conflict=id", """[{"id":2,"title":"a"},{"id":3,"title":null}]""", prefer);

        Assert.Equal((status, code), refusal);
        Assert.Equal(before, _table.VisibleRows(null));
    }

    [Fact]
    public async Task Write_OnRowsOfAnotherUser_IsAsRowLevelSecurityHasIt()
    {
        _table.AddColumn("owner_id", ColumnType.Text).OwnerColumn = "owner_id";
        _table.Insert("""{"id":1,"title":"bob's","owner_id":"bob"}""");
        _table.Insert("""{"id":2,"title":"mine","owner_id":"alice"}""");

        // What a policy hides is not met; what would leave the user's reach is refused.
        Assert.Equal((200, "[]"), await SendAsync("PATCH", "items?id=eq.1", """{"title":"x"}"""));
        Assert.Equal((200, "[]"), await SendAsync("DELETE", "items?id=eq.1"));
        Assert.Equal((201, "[]"), await SendAsync("POST", "items?on_conflict=id", """{"id":1,"title":"x"}""", Ignore));
        Assert.Equal((403, "42501"), await RefuseAsync("POST", "items?on_conflict=id", """{"id":1,"title":"x"}""", Merge));
        Assert.Equal((403, "42501"), await RefuseAsync("POST", "items", """{"id":3,"owner_id":"bob"}"""));
        Assert.Equal((403, "42501"), await RefuseAsync("PATCH", "items?id=eq.2", """{"owner_id":"bob"}"""));
        Assert.Equal((201, """[{"owner_id":"alice"}]"""), await SendAsync("POST", "items?select=owner_id", """{"id":3}"""));
        Assert.Contains("bob's", _table.FindRow("1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WithoutGrantOrToken_IsRefused()
    {
        _table.IsWritable = false;

        Assert.Equal((403, "42501"), await RefuseAsync("POST", "items", """{"id":1}"""));
        SignIn(null);
        Assert.Equal((401, "42501"), await RefuseAsync("POST", "items", """{"id":1}"""));
    }

    [Fact]
    public async Task Write_TooLarge_IsAnswered413WithoutJson()
    {
        Server.MaxBodyBytes = 20;

        var (status, body) = await SendAsync("POST", "items", """{"id":1,"title":"too long"}""");

        Assert.Equal(413, status);
        Assert.StartsWith("<html>", body, StringComparison.Ordinal);
    }
}
