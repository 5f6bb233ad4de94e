using System.Globalization;
using Agent.Sync.Seams;
using Agent.Sync.Tests.Checkpoints;
using Agent.Sync.Tests.Files;

namespace Agent.Sync.Tests.Seams;

/// <summary>Of a process that may be alive nothing is taken away. The process numbers are those of a made-up /proc, which Linux alone has.</summary>
public sealed class ProcessIdentityTests : IDisposable
{
    private const int Own = 40;
    private const int Other = 50;

    private readonly TemporaryDirectory _directory = new();
    private readonly HashSet<int> _running = [Own, Other];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void IsGone_ProcessOfThisMachine_IsToldByNumberAndStart()
    {
        var asker = Identity("host");
        var holder = Identity("host", Other).CreateOwner();
        var before = holder with { ProcessStarted = holder.ProcessStarted - 1 };

        Assert.False(asker.IsGone(holder));
        Assert.Equal(OperatingSystem.IsLinux(), asker.IsGone(before));
        _running.Remove(Other);
        Assert.Equal(OperatingSystem.IsLinux(), asker.IsGone(holder));
    }

    [Fact]
    public void IsGone_ProcessOfAnotherProcessNumberSpace_IsNeverGone()
    {
        // Two containers with one host name, one kernel and so one boot id: number 50 means somebody else in each.
        var asker = Identity("one", space: "pid:[4026531836]");
        var holder = Identity("two", Other, space: "pid:[4026532999]").CreateOwner();
        _running.Remove(Other);

        Assert.False(OperatingSystem.IsLinux() && asker.IsGone(holder));
    }

    [Theory]
    [InlineData(null, "boot", "40")]
    [InlineData("pid:[4026531836]", null, "40")]
    [InlineData("pid:[4026531836]", "boot", null)]
    [InlineData("pid:[4026531836]", "boot", "4711")]
    public void IsGone_SpaceThatCannotBeTold_IsNeverGone(string? space, string? boot, string? self)
    {
        var asker = Identity("one", space: space, boot: boot, self: self);
        var holder = Identity("two", Other, space: space, boot: boot, self: self is "40" ? "50" : self).CreateOwner();
        _running.Remove(Other);

        Assert.False(OperatingSystem.IsLinux() && asker.IsGone(holder));
        Assert.NotEqual(Guid.Empty, asker.CreateOwner().Instance);
    }

    [Fact]
    public void IsGone_RunningProcessThatIsHidden_IsNotGone()
    {
        var asker = Identity("host");
        var holder = Identity("host", Other).CreateOwner();
        Directory.Delete(Path.Combine(_directory.Path, "host", "50"), recursive: true);

        Assert.False(asker.IsGone(holder));
    }

    [Fact]
    public void IsGone_OwnerThatIsDone_IsGoneThoughItsProcessLives()
    {
        var identity = ProcessIdentity.Present;
        var (first, second) = (identity.CreateOwner(), identity.CreateOwner());

        identity.RecordEnded(first);

        Assert.True(identity.IsGone(first));
        Assert.False(identity.IsGone(second));
    }

    [Fact]
    public void IsGone_ProcessOfTheSameNumberThatEnded_IsGone()
    {
        var owner = ProcessIdentity.Present.CreateOwner();

        Assert.True(ProcessIdentity.Present.IsGone(owner with { Instance = Guid.NewGuid(), ProcessStarted = owner.ProcessStarted - 1_000 }));
    }

    private ProcessIdentity Identity(
        string name, int process = Own, string? space = "pid:[4026531836]", string? boot = "boot", string? self = "40")
    {
        var proc = Path.Combine(_directory.Path, name);
        Directory.CreateDirectory(Path.Combine(proc, "sys", "kernel", "random"));
        foreach (var number in new[] { Own, Other })
        {
            var folder = Path.Combine(proc, number.ToString(CultureInfo.InvariantCulture));
            Directory.CreateDirectory(Path.Combine(folder, "ns"));
            File.WriteAllText(Path.Combine(folder, "stat"), $"{number} (a) b) S {string.Join(' ', Enumerable.Range(4, 18))} {number * 100} 0 0");
            if (space is not null && OperatingSystem.IsLinux() && new FileInfo(Path.Combine(folder, "ns", "pid")).LinkTarget is null)
            {
                File.CreateSymbolicLink(Path.Combine(folder, "ns", "pid"), space);
            }
        }

        if (boot is not null)
        {
            File.WriteAllText(Path.Combine(proc, "sys", "kernel", "random", "boot_id"), boot);
        }

        File.Delete(Path.Combine(proc, "self"));
        if (self is not null && OperatingSystem.IsLinux())
        {
            File.CreateSymbolicLink(Path.Combine(proc, "self"), self == "40" ? process.ToString(CultureInfo.InvariantCulture) : self);
        }

        var identity = new ProcessIdentity(proc, process, _running.Contains);

        // Learnt now, while the link is this process's.
        _ = identity.CreateOwner();
        return identity;
    }
}
