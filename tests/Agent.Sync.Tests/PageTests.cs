using System.Text;
using System.Text.Json;

namespace Agent.Sync.Tests;

public sealed class PageTests
{
    private static readonly Dataset Items = SampleDatasets.Of("items").Build();

    [Fact]
    public void Dispose_Twice_ReturnsTheMemoryOnce()
    {
        // The pool hands out first what was returned last; no other test uses pages of this size.
        const int Size = 1_500_000;
        var buffer = PageMemory.Bytes.Rent(Size);
        "[]"u8.CopyTo(buffer);
        var page = PageParser.Parse(Items, buffer, 2, PageParser.DefaultMaxDepth);

        page.Dispose();
        page.Dispose();

        Assert.Same(buffer, PageMemory.Bytes.Rent(Size));
        Assert.NotSame(buffer, PageMemory.Bytes.Rent(Size));
    }

    [Fact]
    public void Members_AfterDispose_Throw()
    {
        var page = Two();
        page.Dispose();

        Assert.Throws<ObjectDisposedException>(() => page.Utf8Json);
        Assert.Throws<ObjectDisposedException>(() => page.GetRow(0));
        Assert.Throws<ObjectDisposedException>(() => page.GetCell(0, 0).IsNull);
        Assert.Throws<ObjectDisposedException>(() => page.Read(VocabularyJsonContext.Default.ItemRow).First());
    }

    [Fact]
    public void GetCell_OutsideThePage_Throws()
    {
        using var page = Two();

        Assert.Throws<ArgumentOutOfRangeException>(() => page.GetRow(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => page.GetRow(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => page.GetCell(2, 0).IsNull);
        Assert.Throws<ArgumentOutOfRangeException>(() => page.GetCell(0, 2).IsNull);
        Assert.Throws<ArgumentOutOfRangeException>(() => page.GetCell(0, -1).IsNull);
    }

    [Fact]
    public void Read_WithTypeInfo_GivesTheRowsInOrder()
    {
        using var page = Two();

        var rows = page.Read(VocabularyJsonContext.Default.ItemRow).ToList();

        Assert.Equal([1L, 2L], rows.Select(row => row.Id));
    }

    [Fact]
    public void Read_RowThatDoesNotFit_ThrowsJsonException()
    {
        using var page = Page.Parse(Items, """[{"id":1.5,"updated_at":"x"}]"""u8);

        Assert.Throws<JsonException>(() => page.Read(VocabularyJsonContext.Default.ItemRow).ToList());
    }

    [Fact]
    public void CopyText_OfANumber_ThrowsInvalidOperation()
    {
        using var page = Two();

        Assert.Throws<InvalidOperationException>(() => page.GetCell(0, 0).CopyText(new byte[10]));
    }

    [Fact]
    public void Utf8Json_OfAPage_IsTheServersText()
    {
        using var page = Two();

        Assert.StartsWith("[{\"id\":1,", Encoding.UTF8.GetString(page.Utf8Json.Span), StringComparison.Ordinal);
    }

    private static Page Two() => Page.Parse(Items, """[{"id":1,"updated_at":"x"},{"id":2,"updated_at":"x"}]"""u8);
}
