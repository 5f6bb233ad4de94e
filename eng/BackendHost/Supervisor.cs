using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackendHost;

/// <summary>The process of main.mjs: commands in, answers and events out, one line of JSON each.</summary>
internal sealed class Supervisor : IAsyncDisposable
{
    private const int KeptLines = 20;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Action<string>? _log;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly TaskCompletionSource<JsonElement> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Queue<string> _errors = new();
    private readonly Task _reading;
    private readonly Task _readingErrors;
    private volatile bool _ended;
    private long _lastId;
    private int _apiExits;
    private int _disposed;

    public Supervisor(string node, string folder, IEnumerable<string> arguments, Action<string>? log)
    {
        _log = log;
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        ProcessStartInfo start = new(node, [Path.Combine(folder, "main.mjs"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
            WorkingDirectory = folder,
        };
        _process = Process.Start(start) ?? throw new LocalBackendException("Node.js could not be started.");
        _reading = ReadAsync();
        _readingErrors = ReadErrorsAsync();
    }

    public Task<JsonElement> Ready => _ready.Task;

    public int ApiExits => Volatile.Read(ref _apiExits);

    public async Task<JsonElement> SendAsync(JsonObject command, CancellationToken cancellationToken)
    {
        long id = Interlocked.Increment(ref _lastId);
        command["id"] = id;
        TaskCompletionSource<JsonElement> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            if (_ended)
            {
                throw Ended();
            }

            await _writing.WaitAsync(cancellationToken);
            try
            {
                // A line is written whole: half a line would spoil the next command.
                await _process.StandardInput.WriteLineAsync(command.ToJsonString().AsMemory(), CancellationToken.None);
                await _process.StandardInput.FlushAsync(CancellationToken.None);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                throw new LocalBackendException(Ended().Message, innerException: exception);
            }
            finally
            {
                _writing.Release();
            }

            return await answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        try
        {
            // The end of its input is the command to stop everything, whatever state it is in.
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        using CancellationTokenSource timeout = new(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // Its own watcher stops PostgreSQL and removes the data.
            _process.Kill();
        }

        await Task.WhenAll(_reading, _readingErrors);
        _process.Dispose();
        _writing.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            JsonElement message;
            try
            {
                message = JsonElement.Parse(line);
            }
            catch (JsonException)
            {
                continue;
            }

            if (message.TryGetProperty("event", out JsonElement name))
            {
                OnEvent(name.GetString(), message);
            }
            else if (message.GetProperty("id").TryGetInt64(out long id) && _pending.TryGetValue(id, out var answer))
            {
                Complete(answer, message);
            }
        }

        _ended = true;
        await _readingErrors;
        _ready.TrySetException(Ended());
        foreach (TaskCompletionSource<JsonElement> answer in _pending.Values)
        {
            answer.TrySetException(Ended());
        }
    }

    private void OnEvent(string? name, JsonElement message)
    {
        switch (name)
        {
            case "ready":
                _ready.TrySetResult(message);
                break;
            case "failed":
                _ready.TrySetException(new LocalBackendException(message.GetProperty("error").GetString()!));
                break;
            case "api-exited":
                Interlocked.Increment(ref _apiExits);
                _log?.Invoke("The local backend's API process ended.");
                break;
        }
    }

    private static void Complete(TaskCompletionSource<JsonElement> answer, JsonElement message)
    {
        if (message.GetProperty("ok").GetBoolean())
        {
            answer.TrySetResult(message);
            return;
        }

        string? code = message.TryGetProperty("code", out JsonElement value) ? value.ToString() : null;
        answer.TrySetException(new LocalBackendException(message.GetProperty("error").GetString()!, code));
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _log?.Invoke(line);
            lock (_errors)
            {
                _errors.Enqueue(line);
                if (_errors.Count > KeptLines)
                {
                    _errors.Dequeue();
                }
            }
        }
    }

    private LocalBackendException Ended()
    {
        lock (_errors)
        {
            return new LocalBackendException(string.Create(
                CultureInfo.InvariantCulture, $"The local backend has ended. {string.Join(" | ", _errors)}").TrimEnd());
        }
    }
}
