using ApiContract.Describing;

// Writes the description of the sample's tables to the file that is named.
if (args is not [var path])
{
    await Console.Error.WriteLineAsync("usage: ApiContract <file>");
    return 2;
}

await File.WriteAllTextAsync(path, SampleApi.Write());
return 0;
