using System.Reflection;

namespace Agent.Sync.Resilience;

/// <summary>How the library names itself to the server.</summary>
internal static class ClientName
{
    public static string Value { get; } = "agent-sync-dotnet/" + Version();

    private static string Version()
    {
        var assembly = typeof(ClientName).Assembly;
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

        // What follows the plus is the commit.
        return version.Split('+')[0];
    }
}
