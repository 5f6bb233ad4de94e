using SQLitePCL;

namespace Agent.Sync.Sqlite.Database;

/// <summary>Says what to do where a database and its key do not fit. No message holds the key, nor what the app's delegate threw.</summary>
internal static class KeyFailure
{
    private const string Packages =
        "Replace the package Agent.Sync.Sqlite (and Microsoft.Data.Sqlite) by Agent.Sync.Sqlite.Core and a bundle that encrypts, such as SQLite3MC.PCLRaw.bundle";

    /// <summary>The library has no encryption, or says that it has and wrote plain text.</summary>
    public static SyncStoreException NotEncrypting(string path) => Refused(
        $"Key is set, and the app's SQLite library ('{raw.GetNativeLibraryName()}') cannot encrypt, so no row was written to '{path}'. {Packages}; or do without Key.");

    public static SyncStoreException NotEncrypted(string path) => Refused(
        $"Key is set, and the database '{path}' is not encrypted; nothing was changed in it. Encrypt it with your library's tools, start with a new file, or do without Key.");

    public static SyncStoreException Wrong(string path) => Refused(
        $"The database '{path}' cannot be read with the key that Key gave; nothing was changed in it. The key is wrong, the file was encrypted with another cipher, or it is damaged. "
        + $"Dispose the engine and make it anew with the right key (SQLite code {raw.SQLITE_NOTADB}).");

    public static SyncStoreException None(string path) => Refused(
        $"Key gave no key, and the database '{path}' is never written without: let the delegate give a text that is not empty, or do without Key.");

    public static SyncStoreException Threw(string path, Exception exception) => Refused(
        $"Key threw {exception.GetType().Name}, so the database '{path}' was not opened. Its exception is not repeated here, because it may hold the key; catch it in the delegate to see it.");

    private static SyncStoreException Refused(string message) => new(SyncErrorKind.StoreKeyRefused, message);
}
