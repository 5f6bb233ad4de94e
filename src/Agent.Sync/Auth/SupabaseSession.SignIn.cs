using Agent.Sync.Auth;

namespace Agent.Sync;

/// <content>The ways to sign in.</content>
public sealed partial class SupabaseSession
{
    /// <summary>Signs a user in by e-mail address and password. Replaces the user who was signed in before.</summary>
    /// <param name="email">The user's e-mail address.</param>
    /// <param name="password">The user's password. It is not kept.</param>
    /// <param name="cancellationToken">Ends the wait. The session is then unchanged.</param>
    /// <returns>A task that ends when the new state is saved.</returns>
    /// <exception cref="SyncAuthException">The address or the password is wrong, or the user may not sign in.</exception>
    /// <exception cref="SyncTransportException">The server could not be reached or failed, and the permitted retries did not help.</exception>
    /// <exception cref="SyncStoreException">The new state could not be saved in <see cref="SupabaseSessionOptions.StateFile"/>. The user is signed in, but only in memory.</exception>
    public async Task SignInAsync(string email, string password, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(email);
        ArgumentException.ThrowIfNullOrEmpty(password);
        await StartAsync(await _server.GrantAsync(new Grants.Password { Email = email, Secret = password }, cancellationToken).ConfigureAwait(false), "password").ConfigureAwait(false);
    }

    /// <summary>Makes a new user without an address and signs it in. Replaces the user who was signed in before.</summary>
    /// <remarks>
    /// Each call makes another user, so ask <see cref="IsSignedIn"/> first: an anonymous user who signs out, or whose state is lost, cannot come back. The role is
    /// <c>authenticated</c>, with the claim <c>is_anonymous</c> for policies.
    /// </remarks>
    /// <param name="cancellationToken">Ends the wait. The session is then unchanged.</param>
    /// <returns>A task that ends when the new state is saved.</returns>
    /// <exception cref="SyncAuthException">The project does not allow anonymous sign-ins.</exception>
    /// <exception cref="SyncTransportException">As for <see cref="SignInAsync"/>.</exception>
    /// <exception cref="SyncStoreException">As for <see cref="SignInAsync"/>.</exception>
    public async Task SignInAnonymouslyAsync(CancellationToken cancellationToken = default) =>
        await StartAsync(await _server.GrantAsync(new Grants.Anonymous(), cancellationToken).ConfigureAwait(false), "anonymous sign-up").ConfigureAwait(false);

    /// <summary>Has a code sent to an e-mail address, to sign in by with <see cref="SignInWithEmailCodeAsync"/>. The session stays as it is.</summary>
    /// <remarks>The project's mail template must hold <c>{{ .Token }}</c>; the default one has a link alone.</remarks>
    /// <param name="email">The e-mail address.</param>
    /// <param name="createUser">Whether a new user is made where nobody has the address. The default is true.</param>
    /// <param name="cancellationToken">Ends the wait. The code may have been sent.</param>
    /// <returns>A task that ends when the server has accepted the request.</returns>
    /// <exception cref="SyncAuthException">The address is refused, nobody has it, or the project does not allow this way to sign in.</exception>
    /// <exception cref="SyncTransportException">As for <see cref="SignInAsync"/>; <see cref="SyncErrorKind.RateLimited"/> too when a code was sent within the last minute.</exception>
    public async Task SendEmailCodeAsync(string email, bool createUser = true, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(email);
        await _server.SendAsync(new Grants.Code { Email = email, CreateUser = createUser }, cancellationToken).ConfigureAwait(false);
        AuthLog.CodeSent(_log, "e-mail");
    }

    /// <summary>Signs a user in by the code of <see cref="SendEmailCodeAsync"/>. Replaces the user who was signed in before.</summary>
    /// <param name="email">The e-mail address that the code was sent to.</param>
    /// <param name="code">The code, such as <c>123456</c>.</param>
    /// <param name="cancellationToken">Ends the wait. The session is then unchanged.</param>
    /// <returns>A task that ends when the new state is saved.</returns>
    /// <exception cref="SyncAuthException">The code is wrong, was used or has expired.</exception>
    /// <exception cref="SyncTransportException">As for <see cref="SignInAsync"/>.</exception>
    /// <exception cref="SyncStoreException">As for <see cref="SignInAsync"/>.</exception>
    public async Task SignInWithEmailCodeAsync(string email, string code, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(email);
        ArgumentException.ThrowIfNullOrWhiteSpace(code);
        var grant = new Grants.Verification { Type = "email", Email = email, Code = code.Trim() };
        await StartAsync(await _server.GrantAsync(grant, cancellationToken).ConfigureAwait(false), "e-mail code").ConfigureAwait(false);
    }

    /// <summary>Has a code sent to a phone, to sign in by with <see cref="SignInWithPhoneCodeAsync"/>. The session stays as it is.</summary>
    /// <param name="phone">The number in international form, such as <c>+15551234567</c>.</param>
    /// <param name="createUser">Whether a new user is made where nobody has the number. The default is true.</param>
    /// <param name="cancellationToken">Ends the wait. The code may have been sent.</param>
    /// <returns>A task that ends when the server has accepted the request.</returns>
    /// <exception cref="SyncAuthException">The number is refused, nobody has it, or the project has no provider of text messages.</exception>
    /// <exception cref="SyncTransportException">As for <see cref="SendEmailCodeAsync"/>.</exception>
    public async Task SendPhoneCodeAsync(string phone, bool createUser = true, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(phone);
        await _server.SendAsync(new Grants.Code { Phone = phone, CreateUser = createUser }, cancellationToken).ConfigureAwait(false);
        AuthLog.CodeSent(_log, "phone");
    }

    /// <summary>Signs a user in by the code of <see cref="SendPhoneCodeAsync"/>. Replaces the user who was signed in before.</summary>
    /// <param name="phone">The number that the code was sent to.</param>
    /// <param name="code">The code, such as <c>123456</c>.</param>
    /// <param name="cancellationToken">Ends the wait. The session is then unchanged.</param>
    /// <returns>A task that ends when the new state is saved.</returns>
    /// <exception cref="SyncAuthException">The code is wrong, was used or has expired.</exception>
    /// <exception cref="SyncTransportException">As for <see cref="SignInAsync"/>.</exception>
    /// <exception cref="SyncStoreException">As for <see cref="SignInAsync"/>.</exception>
    public async Task SignInWithPhoneCodeAsync(string phone, string code, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(phone);
        ArgumentException.ThrowIfNullOrWhiteSpace(code);
        var grant = new Grants.Verification { Type = "sms", Phone = phone, Code = code.Trim() };
        await StartAsync(await _server.GrantAsync(grant, cancellationToken).ConfigureAwait(false), "phone code").ConfigureAwait(false);
    }

    private async Task StartAsync(Grants.Answer answer, string grant)
    {
        var held = Hold(answer);
        Volatile.Write(ref _held, held);
        AuthLog.SignedIn(_log, grant);
        using (await _keeper.LockAsync().ConfigureAwait(false))
        {
            _keeper.Keep(held.State);
        }

        await _keeper.TellAsync(held.State).ConfigureAwait(false);
    }
}
