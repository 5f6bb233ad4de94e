using BenchmarkSuite.Cells;
using BenchmarkSuite.Measuring;
using BenchmarkSuite.Peers;

namespace BenchmarkSuite.Results;

/// <summary>One run of a peer in a cell.</summary>
internal sealed record Sample
{
    public required string Peer { get; init; }

    public required string Cell { get; init; }

    public required int Round { get; init; }

    public required double Wall { get; init; }

    /// <summary>Gets the seconds of user and system time of the peer's process.</summary>
    public required double Cpu { get; init; }

    /// <summary>Gets the seconds of the server's processes.</summary>
    public required double ServerCpu { get; init; }

    public double? PeakMegabytes { get; init; }

    public double? AllocatedMegabytes { get; init; }

    /// <summary>Gets how many rows the peer says it wrote, where that is less than there were to write.</summary>
    public long? RowsOnly { get; init; }

    public static Sample From(Peer peer, Cell cell, int round, ProcessCost cost, TimeSpan serverCpu, int? expected) => new()
    {
        Peer = peer.Id,
        Cell = cell.Id,
        Round = round,
        Wall = Math.Round(cost.Wall.TotalSeconds, 4),
        Cpu = Math.Round(cost.Cpu.TotalSeconds, 4),
        ServerCpu = Math.Round(serverCpu.TotalSeconds, 2),
        PeakMegabytes = Megabytes(cost.PeakBytes),
        AllocatedMegabytes = Megabytes(cost.AllocatedBytes),
        RowsOnly = expected is { } rows && cost.Rows is { } written && written < rows ? written : null,
    };

    private static double? Megabytes(long? bytes) => bytes is { } value ? Math.Round(value / 1e6, 1) : null;
}
