using System.Text.Json;
using Agent.Sync.Files;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Auth;

/// <summary>The file that keeps one session, which the app's processes share. A crash at any point leaves the old or the new content, whole.</summary>
/// <param name="path">The file; its directory is made when it is missing.</param>
/// <param name="project">The project's URL. Another project's session is not used: its tokens would be sent to a server that they are not for.</param>
/// <param name="time">Pauses between attempts at the lock.</param>
/// <param name="log">Gets what is wrong with the content.</param>
internal sealed class SessionFile(string path, string project, TimeProvider time, ILogger log)
{
    private const int MaxBytes = 1024 * 1024;

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    private readonly PrivateDirectory _directory = new(Path.GetDirectoryName(Path.GetFullPath(path))!, SessionFailure.OfFile);
    private readonly string _name = Path.GetFileName(path);

    /// <summary>Reads the file. Damaged content counts as none, and is logged.</summary>
    /// <exception cref="SyncStoreException">The disk cannot be read.</exception>
    public SessionFileContent Read()
    {
        byte[]? bytes;
        try
        {
            bytes = SessionFailure.OfFile.Guard(() => _directory.Read(_name, MaxBytes));
        }
        catch (SyncStoreException exception) when (exception.Kind == SyncErrorKind.CheckpointRefused)
        {
            bytes = [];
        }

        return bytes is null ? SessionFileContent.Missing : Parse(bytes);
    }

    /// <summary>Tells when the file was last written; null when there is none.</summary>
    /// <exception cref="SyncStoreException">The disk cannot be read.</exception>
    public DateTime? LastWrite() => SessionFailure.OfFile.Guard(() => _directory.LastWrite(_name));

    /// <summary>Waits until no other process, and no other session of this one, reads and writes the file.</summary>
    /// <exception cref="SyncStoreException">Another process holds it for longer than a refresh may take.</exception>
    public async ValueTask<IDisposable> LockAsync(TimeSpan limit)
    {
        SessionFailure.OfFile.Guard(_directory.Create);
        var start = time.GetTimestamp();
        do
        {
            if (SessionFailure.OfFile.Guard(() => _directory.TryLock(_name + ".lock")) is { } held)
            {
                return held;
            }

            await Task.Delay(LockPause, time).ConfigureAwait(false);
        }
        while (time.GetElapsedTime(start) < limit);

        throw SessionFailure.OfFile.Failed("another process holds its lock. Try again when that process is done.", isTransient: true);
    }

    /// <summary>Replaces the content; the caller holds the lock.</summary>
    public void Write(SupabaseSessionState state) => SessionFailure.OfFile.Guard(() =>
    {
        _directory.SweepTemporaries(_name + ".");
        SessionFileBody body = new()
        {
            Version = SessionFileBody.Current,
            Url = project,
            UserId = state.UserId,
            AccessToken = state.AccessToken,
            RefreshToken = state.RefreshToken,
            ExpiresAt = state.ExpiresAt,
        };
        _directory.Replace(_name, JsonSerializer.SerializeToUtf8Bytes(body, AuthJsonContext.Default.SessionFileBody));
    });

    /// <summary>Removes the file; the caller holds the lock.</summary>
    public void Delete() => SessionFailure.OfFile.Guard(() => _directory.Delete(_name));

    private SessionFileContent Parse(byte[] bytes)
    {
        SessionFileBody? body;
        try
        {
            body = JsonSerializer.Deserialize(bytes, AuthJsonContext.Default.SessionFileBody);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The exception may quote a token.
            body = null;
        }

        if (body is not { Version: SessionFileBody.Current, Url.Length: > 0, UserId.Length: > 0, AccessToken: { } access, RefreshToken.Length: > 0 }
            || JwtClaims.TryRead(access)?.Subject != body.UserId)
        {
            AuthLog.SessionFileDamaged(log);
            return SessionFileContent.Damaged;
        }

        if (!string.Equals(body.Url, project, StringComparison.Ordinal))
        {
            AuthLog.SessionFileOfAnotherProject(log);
            return SessionFileContent.Foreign;
        }

        return new SessionFileContent(new SupabaseSessionState(access, body.RefreshToken, body.ExpiresAt, body.UserId));
    }
}
