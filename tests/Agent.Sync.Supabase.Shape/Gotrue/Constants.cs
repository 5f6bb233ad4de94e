namespace Supabase.Gotrue;

public static class Constants
{
    public enum SignOutScope
    {
        Global,
        Local,
        Others,
    }
}
