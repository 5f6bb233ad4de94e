using BenchmarkSuite.Cells;
using BenchmarkSuite.Peers;

namespace BenchmarkSuite.Reporting;

/// <summary>What a build of the product is to reach.</summary>
/// <param name="Peer">The build.</param>
/// <param name="Cell">The situation.</param>
/// <param name="Wall">The most wall time, as a multiple of the reference's.</param>
/// <param name="Cpu">The most CPU time, likewise; null where only the wall counts.</param>
internal sealed record Target(string Peer, Cell Cell, double Wall, double? Cpu)
{
    private const string Jit = "agent-sync-packages";
    private const string Native = "agent-sync-aot";

    public static IReadOnlyList<Target> All { get; } =
    [
        new(Jit, Cell.Full, 0.55, 0.45),
        new(Jit, Cell.FullSmallPages, 0.5, 0.5),
        new(Jit, Cell.NoOp, 1, 1),
        new(Jit, Cell.Delta, 1, 1),
        new(Jit, Cell.Inserts, 0.7, 1),
        new(Native, Cell.Full, 0.5, 0.28),
        new(Native, Cell.Full, 1.1, null) { Reference = "drain-aot" },
        new(Native, Cell.FullSmallPages, 0.45, 0.28),
        new(Native, Cell.NoOp, 0.2, 0.1),
        new(Native, Cell.Delta, 0.3, 0.2),
        new(Native, Cell.Inserts, 0.5, 0.6),
    ];

    /// <summary>Gets whom it is compared with.</summary>
    public string Reference { get; init; } = PeerCatalog.Reference;
}
