using System.Net;
using System.Text;

namespace Agent.Sync.Testing;

/// <summary>One answer of a <see cref="PostgrestDouble"/> as a test wants it. Immutable.</summary>
/// <remarks>Without a <see cref="Status"/> it is the model's own answer, late or damaged as the other properties say.</remarks>
public sealed record ScriptedResponse
{
    /// <summary>Gets the HTTP status. Null, the default, lets the model answer.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>Gets the error's code, such as <c>57014</c>; it makes the body in PostgREST's form. Null, the default, for none.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the error's message, which real servers fill with row values. The default says nothing.</summary>
    public string Message { get; init; } = "scripted";

    /// <summary>Gets the body; null, the default, is made from <see cref="Code"/>.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Gets the content type. The default is that of PostgREST; null sends none.</summary>
    public string? ContentType { get; init; } = "application/json; charset=utf-8";

    /// <summary>Gets further headers. Empty by default.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the time before the headers. The default is zero.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Gets what goes wrong. The default is nothing.</summary>
    public ResponseFault Fault { get; init; }

    /// <summary>Gets the pause between the pieces of a <see cref="ResponseFault.SlowDrip"/>. The default is one second.</summary>
    public TimeSpan DripPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the size of a piece of a <see cref="ResponseFault.SlowDrip"/>, in bytes, at least 1. The default is 64.</summary>
    public int DripBytes { get; init; } = 64;

    /// <summary>Gets the answer of the model, untouched.</summary>
    public static ScriptedResponse Model { get; } = new();

    /// <summary>Makes an error answer in PostgREST's form.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The SQLSTATE or PGRST code; null for an answer without a body.</param>
    /// <param name="retryAfter">The Retry-After header as it stands; null for none.</param>
    /// <returns>The answer.</returns>
    public static ScriptedResponse Error(HttpStatusCode status, string? code = null, string? retryAfter = null) => new()
    {
        Status = status,
        Code = code,
        Headers = retryAfter is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = retryAfter },
    };

    /// <summary>Makes a successful answer with a body of the test's own.</summary>
    /// <param name="json">The body.</param>
    /// <returns>The answer.</returns>
    public static ScriptedResponse Json(string json) => new() { Status = HttpStatusCode.OK, Body = Encoding.UTF8.GetBytes(json) };

    /// <summary>Makes the model's answer with something wrong.</summary>
    /// <param name="fault">What goes wrong.</param>
    /// <returns>The answer.</returns>
    public static ScriptedResponse Broken(ResponseFault fault) => new() { Fault = fault };

    /// <summary>Makes the model's answer late.</summary>
    /// <param name="latency">The time before the headers.</param>
    /// <returns>The answer.</returns>
    public static ScriptedResponse Late(TimeSpan latency) => new() { Latency = latency };
}
