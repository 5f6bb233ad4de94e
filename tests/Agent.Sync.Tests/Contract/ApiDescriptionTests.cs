using Agent.Sync.Tests.Architecture;
using ApiContract.Describing;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace Agent.Sync.Tests.Contract;

public sealed class ApiDescriptionTests
{
    private static readonly string File = Path.Combine(SourceTree.Root, "docs", "openapi.json");

    [Fact]
    public async Task File_WrittenAgain_IsTheSame()
    {
        var committed = (await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");

        Assert.True(SampleApi.Write() == committed, "docs/openapi.json is not what the code describes: run eng/openapi.sh and commit the file.");
    }

    [Fact]
    public async Task File_ReadByAnOpenApiReader_HasNoErrors()
    {
        await using var stream = System.IO.File.OpenRead(File);

        var (document, diagnostic) = await OpenApiDocument.LoadAsync(stream, "json", new OpenApiReaderSettings(), TestContext.Current.CancellationToken);

        Assert.Empty(diagnostic!.Errors);
        Assert.Empty(diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, diagnostic.SpecificationVersion);
        Assert.NotEmpty(document!.Paths);
    }

    [Fact]
    public async Task File_Operations_AreExplained()
    {
        await using var stream = System.IO.File.OpenRead(File);
        var (document, _) = await OpenApiDocument.LoadAsync(stream, "json", new OpenApiReaderSettings(), TestContext.Current.CancellationToken);

        var operations = document!.Paths.Values.SelectMany(static path => path.Operations!.Values).ToList();

        Assert.Equal(operations.Count, operations.Select(static operation => operation.OperationId).Distinct().Count());
        Assert.All(operations, static operation => Assert.False(string.IsNullOrWhiteSpace(operation.Summary)));
        Assert.All(operations.SelectMany(static operation => operation.Parameters!), static parameter => Assert.False(string.IsNullOrWhiteSpace(parameter.Description)));
    }
}
