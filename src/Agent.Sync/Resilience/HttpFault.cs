using System.Net.Sockets;

namespace Agent.Sync.Resilience;

/// <summary>Names what broke on the way by its types only: the messages of such exceptions can quote what the server sent.</summary>
internal static class HttpFault
{
    public static bool Is(Exception exception) => exception is HttpRequestException or IOException or InvalidDataException;

    /// <summary>Tells a body that broke on its way: reset, short, or not what its Content-Encoding says.</summary>
    public static bool IsBrokenBody(Exception exception) =>
        Is(exception)

            // What the brotli decoder throws on damaged data.
            || (exception is InvalidOperationException and not ObjectDisposedException);

    public static string ReasonOf(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
            {
                return socket.SocketErrorCode.ToString();
            }
        }

        return exception switch
        {
            HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } request => request.HttpRequestError.ToString(),
            HttpIOException io => io.HttpRequestError.ToString(),
            _ => exception.GetType().Name,
        };
    }
}
