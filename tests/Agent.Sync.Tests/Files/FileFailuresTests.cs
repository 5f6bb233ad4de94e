using Agent.Sync.Checkpoints;

namespace Agent.Sync.Tests.Files;

public sealed class FileFailuresTests
{
    public static TheoryData<Exception, bool> Failures => new()
    {
        { new UnauthorizedAccessException("no"), false },
        { new IOException("full", 28), false },
        { new IOException("full", unchecked((int)0x80070070)), false },
        { new IOException("eio", 5), false },
        { new IOException("emfile", OperatingSystem.IsWindows() ? unchecked((int)0x80070004) : 24), true },
        { new IOException("busy", OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : 16), true },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Guard_OperatingSystemFailure_IsStoreFailedWithItsCause(Exception cause, bool isTransient)
    {
        var exception = Assert.Throws<SyncStoreException>(() => CheckpointFailure.OfFiles.Guard((Action)(() => throw cause)));

        Assert.Equal((SyncErrorKind.StoreFailed, isTransient), (exception.Kind, exception.IsTransient));
        Assert.Same(cause, exception.InnerException);
    }
}
