using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;
using NativeLibrary = System.Runtime.InteropServices.NativeLibrary;

namespace Agent.Sync.EncryptedApp;

/// <summary>The app's SQLite: what eng/sqlite3mc built, in place of a bundle.</summary>
public sealed unsafe class CipherLibrary : IGetFunctionPointer
{
    private readonly nint _library;
    private readonly bool _isHollow;

    private CipherLibrary(string path, bool isHollow)
    {
        _library = NativeLibrary.Load(path);
        _isHollow = isHollow;
    }

    /// <summary>Gives the library to Microsoft.Data.Sqlite.</summary>
    /// <param name="path">The library.</param>
    /// <param name="isHollow">Whether it takes every key and encrypts nothing.</param>
    public static void Use(string path, bool isHollow = false)
    {
        SQLite3Provider_dynamic_cdecl.Setup("sqlite3mc", new CipherLibrary(path, isHollow));
        raw.SetProvider(new SQLite3Provider_dynamic_cdecl());
    }

    public nint GetFunctionPointer(string name)
    {
        if (_isHollow && name == "sqlite3_key")
        {
            return (nint)(delegate* unmanaged[Cdecl]<nint, nint, int, int>)&TakeKey;
        }

        return NativeLibrary.TryGetExport(_library, name, out var address) ? address : 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int TakeKey(nint database, nint key, int length) => raw.SQLITE_OK;
}
