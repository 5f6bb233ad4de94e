using Supabase.Core.Interfaces;

namespace Supabase.Gotrue.Interfaces;

public interface IGotrueClient<TUser, TSession> : IGettableHeaders
    where TUser : User
    where TSession : Session
{
    bool Online { get; set; }

    TSession? CurrentSession { get; }

    TUser? CurrentUser { get; }

    Task<TSession?> SignInWithPassword(string email, string password);

    Task RefreshToken();

    Task SignOut(Constants.SignOutScope scope = Constants.SignOutScope.Global);
}
