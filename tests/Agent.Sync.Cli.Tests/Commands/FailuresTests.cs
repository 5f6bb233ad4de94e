using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Events;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Cli.Tests.Commands;

public sealed class FailuresTests
{
    public static TheoryData<Exception, int> Codes => new()
    {
        { new UsageException("x"), 2 },
        { new OptionsValidationException("", typeof(SyncOptions), ["one", "two"]), 2 },
        { new ArgumentException("x", "url"), 2 },
        { new SyncAuthException(SyncErrorKind.AuthRequired, "x"), 4 },
        { new SyncAuthException(SyncErrorKind.PermissionDenied, "x"), 4 },
        { new SyncStoreException(SyncErrorKind.LeaseHeld, "x", isTransient: true), 75 },
        { new SyncStoreException(SyncErrorKind.StoreFailed, "x"), 1 },
        { new SyncTransportException(SyncErrorKind.Unreachable, "x", null, null, isTransient: true), 75 },
        { new SyncTransportException(SyncErrorKind.ServerError, "x", null, "XX000", isTransient: false), 1 },
        { new BackendHost.LocalBackendException("x"), 1 },
        { new NotSupportedException("x"), 1 },
    };

    [Theory]
    [MemberData(nameof(Codes), DisableDiscoveryEnumeration = true)]
    public void Describe_AnyException_HasTheDocumentedCode(Exception exception, int exitCode) =>
        Assert.Equal(exitCode, Failures.Describe(exception, debug: false).ExitCode);

    [Fact]
    public void Describe_SeveralOptions_TellsThemAll() =>
        Assert.Equal(["one", "two"], Failures.Describe(new OptionsValidationException("", typeof(SyncOptions), ["one", "two"]), debug: false).Messages);

    [Fact]
    public void Describe_Argument_LeavesTheParameterOut() =>
        Assert.Equal(["Wrong."], Failures.Describe(new ArgumentException("Wrong.", "url"), debug: false).Messages);
}
