using System.Globalization;
using System.Text.RegularExpressions;
using Agent.Sync.Configuration;
using Agent.Sync.Tests.Architecture;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Tests.Configuration;

public sealed partial class EnvironmentConfigurationTests
{
    [Theory]
    [InlineData("abc")]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("-5")]
    [InlineData("1e2")]
    [InlineData("1.0")]
    [InlineData("1,000")]
    [InlineData("99999999999999999999")]
    public void Apply_WrongPageSize_NamesVariableValueAndRange(string text)
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Read(("AGENT_SYNC_PAGE_SIZE", text)));

        Assert.Equal(
            $"The environment variable AGENT_SYNC_PAGE_SIZE is '{text}', but must be a whole number, 1 to 1,000. Correct it, or unset it for the default.",
            Assert.Single(exception.Failures));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void Apply_BlankVariable_LeavesTheDefault(string? text) =>
        Assert.Equal(100, Read(("AGENT_SYNC_PAGE_SIZE", text)).PageSize);

    [Fact]
    public void Apply_EveryVariable_SetsItsOption()
    {
        var options = Read(
            ("AGENT_SYNC_PAGE_SIZE", " 7 "),
            ("AGENT_SYNC_COMMIT_ROWS", "8"),
            ("AGENT_SYNC_COMMIT_BYTES", "9"),
            ("AGENT_SYNC_COMMIT_MILLISECONDS", "10"),
            ("AGENT_SYNC_OVERLAP_SECONDS", "11.5"),
            ("AGENT_SYNC_TOTAL_COUNT", "exact"),
            ("AGENT_SYNC_RETRIES", "0"),
            ("AGENT_SYNC_RETRY_DELAY_MILLISECONDS", "12"),
            ("AGENT_SYNC_ATTEMPT_TIMEOUT_SECONDS", "0.5"),
            ("AGENT_SYNC_REQUEST_TIMEOUT_SECONDS", "13"),
            ("AGENT_SYNC_REQUESTS_PER_SECOND", "0.25"),
            ("AGENT_SYNC_REQUEST_BURST", "14"),
            ("AGENT_SYNC_MEMORY_LIMIT_BYTES", "9007199254740993"),
            ("AGENT_SYNC_MAX_PAGE_BYTES", "65536"),
            ("AGENT_SYNC_MAX_JSON_DEPTH", "15"),
            ("AGENT_SYNC_MAX_DELETE_SHARE", "1"));

        Assert.Equal(7, options.PageSize);
        Assert.Equal((8, 9, TimeSpan.FromMilliseconds(10)), (options.Commit.Rows, options.Commit.Bytes, options.Commit.Interval));
        Assert.Equal(TimeSpan.FromSeconds(11.5), options.OverlapLag);
        Assert.Equal(TotalCount.Exact, options.TotalCount);
        Assert.Equal((0, TimeSpan.FromMilliseconds(12)), (options.Retry.MaxRetries, options.Retry.Delay));
        Assert.Equal((TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(13)), (options.Retry.AttemptTimeout, options.Retry.RequestTimeout));
        Assert.Equal((0.25, 14), (options.RateLimit.RequestsPerSecond, options.RateLimit.Burst));
        Assert.Equal(9007199254740993, options.MemoryLimit);
        Assert.Equal((65_536, 15, 1.0), (options.MaxPageBytes, options.MaxJsonDepth, options.MaxDeleteShare));
    }

    [Fact]
    public void Apply_AnyVariableOutOfRange_IsRefusedAsItsOptionWouldBe()
    {
        foreach (var variable in EnvironmentConfiguration.Variables)
        {
            var exception = Assert.Throws<OptionsValidationException>(() => Read((variable.Name, "99999999999999999999")));
            Assert.Contains(variable.Name, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("2")]
    [InlineData("None, Exact")]
    [InlineData("all")]
    public void Apply_WrongChoice_NamesTheChoices(string text)
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Read(("AGENT_SYNC_TOTAL_COUNT", text)));

        Assert.Contains("None, Estimated, Exact", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_SeveralWrongVariables_TellsThemTogether()
    {
        var exception = Assert.Throws<OptionsValidationException>(
            () => Read(("AGENT_SYNC_PAGE_SIZE", "x"), ("AGENT_SYNC_RETRIES", "y"), ("AGENT_SYNC_COMMIT_ROWS", "5")));

        Assert.Equal(2, exception.Failures.Count());
    }

    [Fact]
    public void Apply_LongValue_IsNotRepeatedWhole()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Read(("AGENT_SYNC_PAGE_SIZE", new string('x', 5000))));

        Assert.InRange(exception.Message.Length, 1, 300);
    }

    [Fact]
    public void Apply_UnderACultureWithCommas_ReadsTheSame()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");

            Assert.Equal(0.5, Read(("AGENT_SYNC_MAX_DELETE_SHARE", "0.5")).MaxDeleteShare);
            Assert.Throws<OptionsValidationException>(() => Read(("AGENT_SYNC_MAX_DELETE_SHARE", "0,5")));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Variables_InTheDocumentation_AreTheOnesThatAreRead()
    {
        var documented = SourceTree.CodeFiles("src/Agent.Sync/Configuration")
            .SelectMany(file => Documented().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .Order(StringComparer.Ordinal);

        Assert.Equal(documented, EnvironmentConfiguration.Variables.Select(variable => variable.Name).Order(StringComparer.Ordinal));
    }

    private static SyncOptions Read(params (string Name, string? Value)[] variables)
    {
        SyncOptions options = new();
        var values = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        new EnvironmentConfiguration(name => values.GetValueOrDefault(name)).Apply("", options);
        return options;
    }

    [GeneratedRegex(@"Also read from (AGENT_SYNC_\w+)")]
    private static partial Regex Documented();
}
