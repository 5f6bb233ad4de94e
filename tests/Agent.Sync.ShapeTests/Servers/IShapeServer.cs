using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Servers;

/// <summary>The server of one shape's run.</summary>
internal interface IShapeServer : IAsyncDisposable
{
    Uri Url { get; }

    string ApiKey { get; }

    AccessToken TokenOf(int device);

    /// <summary>Makes what a device's requests go through; the device disposes it.</summary>
    HttpMessageHandler HandlerOf(int device);

    /// <summary>Writes rows as the server's own SQL does, in one transaction.</summary>
    /// <returns>Whether the server took them; if not, nothing has changed.</returns>
    Task<bool> WriteAsync(IReadOnlyList<RowWrite> writes);

    /// <summary>Asks the server whether it would take a write, without leaving a trace.</summary>
    Task<bool> AcceptsAsync(RowWrite write);

    /// <summary>Returns every row that the user may see.</summary>
    Task<IReadOnlyList<Row>> ReadAsync(ShapeTable table);

    /// <summary>Returns every change of the shape's tables so far, in order.</summary>
    Task<IReadOnlyList<AuditEntry>> AuditAsync();
}
