using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Agent.Sync.Resilience;

namespace Agent.Sync.Auth;

/// <summary>One request to the auth server through all its attempts.</summary>
internal sealed class AuthRequest(AuthServer server, string path, byte[]? body, string? bearer) : ResilientRequest
{
    // A grant's answer holds a user's metadata at most.
    private const int MaxAnswer = 1024 * 1024;

    private bool _damaged;

    public override string? Dataset => null;

    /// <summary>Gets a value indicating whether the answer is a session. The default is true.</summary>
    public bool IsGrant { get; init; } = true;

    /// <summary>Gets what a grant was answered with; null when the request asked for no answer.</summary>
    public Grants.Answer? Answer { get; private set; }

    public override ValueTask PrepareAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public override async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var request = Build();
            using var response = await server.SendAsync(request, cancellationToken).ConfigureAwait(false);
            await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Fail(AuthFailure.Unreachable("handler timeout"), RetryAdvice.Backoff, strike: true);
        }
        catch (Exception exception) when (HttpFault.Is(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Fail(AuthFailure.Unreachable(HttpFault.ReasonOf(exception)), RetryAdvice.Backoff, strike: true);
        }
    }

    private HttpRequestMessage Build()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, server.ProjectUrl + path)
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("apikey", server.ApiKey);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", ClientName.Value);
        request.Headers.TryAddWithoutValidation("X-Client-Info", ClientName.Value);
        if (bearer is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return request;
    }

    private async ValueTask ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] answer;
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxAnswer, cancellationToken).ConfigureAwait(false);
            answer = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            Fail(AuthFailure.UnexpectedAnswer(StatusOf(response)), RetryAdvice.Never, strike: false);
            return;
        }
        catch (Exception exception) when (HttpFault.IsBrokenBody(exception))
        {
            // A cancelled read may surface as a broken connection.
            cancellationToken.ThrowIfCancellationRequested();
            Fail(AuthFailure.Unreachable(HttpFault.ReasonOf(exception)), RetryAdvice.Backoff, strike: true);
            return;
        }

        Read(response, answer);
    }

    private static string StatusOf(HttpResponseMessage response) => ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);

    private void Read(HttpResponseMessage response, byte[] answer)
    {
        var status = (int)response.StatusCode;
        var code = AuthErrorCode.FromJson(answer) ?? StatusOf(response);
        switch (status)
        {
            case < 300:
                ReadAnswer(answer, code);
                break;
            case < 400:
                Fail(AuthFailure.UnexpectedAnswer(code), RetryAdvice.Never, strike: false);
                break;
            case 429 when AuthErrorCode.MeansSent(code):
                Fail(AuthFailure.CodeSent(code), RetryAdvice.Never, strike: false);
                break;
            case 429:
                Fail(AuthFailure.SlowDown(code), WaitAsTold(response, RetryMode.After), strike: false);
                break;
            case 408 or >= 500:
                Fail(AuthFailure.ServerFailed(code), WaitAsTold(response, RetryMode.NotBefore), strike: status >= 500);
                break;
            default:
                Fail(AuthFailure.GrantRefused(code), RetryAdvice.Never, strike: false);
                break;
        }
    }

    private void ReadAnswer(byte[] answer, string code)
    {
        if (!IsGrant)
        {
            Succeed();
            return;
        }

        try
        {
            Answer = JsonSerializer.Deserialize(answer, AuthJsonContext.Default.Answer);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The exception may quote the answer, which holds tokens.
            Answer = null;
        }

        if (Answer is { AccessToken.Length: > 0, RefreshToken.Length: > 0, ExpiresIn: > 0 } grant && server.HoldsLife(grant.ExpiresIn))
        {
            Succeed();
            return;
        }

        Fail(AuthFailure.UnexpectedAnswer(code), _damaged ? RetryAdvice.Never : RetryAdvice.Backoff, strike: false);
        _damaged = true;
    }

    private RetryAdvice WaitAsTold(HttpResponseMessage response, RetryMode mode)
    {
        if (RetryAfter.Of(response, server.Time) is not { } wait)
        {
            return RetryAdvice.Backoff;
        }

        return wait > server.MaxRetryAfter ? RetryAdvice.Never : new RetryAdvice(mode, wait);
    }
}
