namespace CustomStore;

/// <summary>Writes files that are whole or not there, also after a power failure.</summary>
internal static class Files
{
    public static void Replace(string path, Action<FileStream> write)
    {
        var unfinished = path + ".new";
        using (FileStream file = new(unfinished, FileMode.Create))
        {
            write(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
