using Agent.Sync.Cli.Events;
using Npgsql;

namespace Agent.Sync.Cli.Discovery;

/// <summary>The address of a database, as Supabase shows it: postgresql://user:password@host:port/database.</summary>
internal static class DatabaseAddress
{
    /// <summary>Npgsql's form of an address, or the address itself when it has that form already.</summary>
    /// <exception cref="UsageException">It is neither. The message does not repeat it, because of the password.</exception>
    public static string ToConnectionString(string address)
    {
        try
        {
            if (!address.Contains("://", StringComparison.Ordinal))
            {
                return new NpgsqlConnectionStringBuilder(address).ConnectionString;
            }

            Uri uri = new(address);
            if (uri.Scheme is not ("postgres" or "postgresql"))
            {
                throw Wrong();
            }

            var user = uri.UserInfo.Split(':', 2);
            NpgsqlConnectionStringBuilder builder = new() { Host = uri.Host, Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')) };
            builder.Port = uri.Port > 0 ? uri.Port : builder.Port;
            builder.Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null;
            builder.Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null;
            foreach (var part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var pair = part.Split('=', 2);
                if (pair is ["sslmode", var mode])
                {
                    builder.SslMode = Enum.Parse<SslMode>(mode.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
                }
            }

            return builder.ConnectionString;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw Wrong();
        }
    }

    private static UsageException Wrong() => new("The database's address must be like postgresql://user:password@host:5432/database: copy it from the project's Connect page, with the password in it.");
}
