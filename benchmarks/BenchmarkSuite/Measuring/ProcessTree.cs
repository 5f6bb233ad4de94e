using System.Globalization;

namespace BenchmarkSuite.Measuring;

/// <summary>The CPU time of a process and everything below it, with children that have ended. Its unit is the kernel's tick, 10 ms.</summary>
internal static class ProcessTree
{
    private const int TicksPerSecond = 100;

    public static TimeSpan Cpu(IEnumerable<int> roots)
    {
        var processes = Directory.EnumerateDirectories("/proc")
            .Select(static folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<Entry>()
            .ToLookup(static entry => entry.Parent);
        var waiting = new Stack<Entry>(roots.Select(Read).OfType<Entry>());
        long ticks = 0;
        while (waiting.TryPop(out var entry))
        {
            ticks += entry.Ticks;
            foreach (var child in processes[entry.Id])
            {
                waiting.Push(child);
            }
        }

        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    private static Entry? Read(int id)
    {
        try
        {
            // The name is in parentheses and may hold blanks; the fields after it are numbered from 3 in proc(5).
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
            return new Entry(id, (int)Field(4), Field(14) + Field(15) + Field(16) + Field(17));
        }
        catch (IOException)
        {
            // The process has ended meanwhile.
            return null;
        }
    }

    private sealed record Entry(int Id, int Parent, long Ticks);
}
