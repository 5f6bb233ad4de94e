namespace Agent.Sync.Postgrest;

/// <summary>Reads a whole body into a pooled buffer, counting its bytes after decompression.</summary>
internal static class BodyReader
{
    private const int Smallest = 4 * 1024;

    // A length that the server announces is believed up to here; beyond, the bytes have to come first.
    private const int LargestTrusted = 1024 * 1024;

    /// <summary>Returns a buffer from the shared pool, which becomes the caller's, and how much of it is used.</summary>
    /// <param name="content">The body, not read yet.</param>
    /// <param name="expected">The size of the last body of its kind, or 0.</param>
    /// <param name="max">The most bytes accepted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TooLargeException">There are more.</exception>
    /// <exception cref="IOException">The body ended early or broke off.</exception>
    public static async ValueTask<(byte[] Buffer, int Length)> ReadAsync(HttpContent content, int expected, int max, CancellationToken cancellationToken)
    {
        var announced = content.Headers.ContentLength;
        if (announced > max)
        {
            throw new TooLargeException();
        }

        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = PageMemory.Bytes.Rent(FirstSize(announced, expected, max));
        var length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, length);
                }

                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                length += read;
                if (length > max)
                {
                    throw new TooLargeException();
                }
            }

            if (announced > length)
            {
                throw new EndOfStreamException();
            }

            return (buffer, length);
        }
        catch
        {
            PageMemory.Bytes.Return(buffer);
            throw;
        }
    }

    private static int FirstSize(long? announced, int expected, int max)
    {
        // One byte more than expected, so that the end is seen without growing.
        var size = announced is { } length ? Math.Min(length, Math.Max(LargestTrusted, expected)) : expected + (expected / 8);
        return (int)Math.Clamp(size + 1, Smallest, Math.Max(Smallest, (long)max + 1));
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = PageMemory.Bytes.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        PageMemory.Bytes.Return(buffer);
        return larger;
    }

    /// <summary>The body is longer than accepted. It does not leave the transport.</summary>
    internal sealed class TooLargeException : Exception;
}
