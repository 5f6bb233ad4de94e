using System.Buffers.Text;

namespace Agent.Sync.Seams;

/// <summary>Reads how much memory the process uses.</summary>
internal static class ProcessMemory
{
    /// <summary>Returns the working set in bytes.</summary>
    /// <remarks>Environment.WorkingSet finds its implementation by reflection, which takes a new process six milliseconds.</remarks>
    public static long WorkingSet() => OperatingSystem.IsLinux() && ReadResidentPages() is { } pages ? pages * Environment.SystemPageSize : Environment.WorkingSet;

    private static long? ReadResidentPages()
    {
        try
        {
            // proc(5): sizes in pages; the first is the whole address space, the second what is resident.
            Span<byte> text = stackalloc byte[128];
            using var file = File.OpenHandle("/proc/self/statm");
            text = text[..RandomAccess.Read(file, text, fileOffset: 0)];
            text = text[(text.IndexOf((byte)' ') + 1)..];
            return Utf8Parser.TryParse(text, out long pages, out _) ? pages : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
