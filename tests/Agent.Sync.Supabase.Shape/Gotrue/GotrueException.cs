namespace Supabase.Gotrue.Exceptions;

public class GotrueException(string? message, Exception? innerException = null) : Exception(message, innerException)
{
    public string? Content { get; internal set; }

    public int StatusCode { get; internal set; }
}
