using System.Globalization;
using System.Text;
using Agent.Sync.Cli.Discovery;

namespace Agent.Sync.Cli.Scaffolding;

/// <summary>A dataset, and the class that is written for it.</summary>
internal sealed record Entity(Dataset Dataset, string ClassName);

/// <summary>Writes datasets as classes with [SyncTable]. Each has the columns in the dataset's order.</summary>
internal static class EntityText
{
    public static IReadOnlyList<Entity> Name(IEnumerable<Dataset> datasets)
    {
        var names = EntityNames.OfClasses();
        return [.. datasets.Select(dataset => new Entity(dataset, names.Class(dataset.RemoteTable)))];
    }

    /// <param name="entities">Parents first.</param>
    /// <param name="catalog">What says which columns may be null; null where it is not known, and all but the key and the timestamps of the server may.</param>
    /// <param name="space">The namespace; null for none.</param>
    public static string Write(IReadOnlyList<Entity> entities, Catalog? catalog, string? space)
    {
        StringBuilder code = new("""
            // Written by agent-sync scaffold, and yours to edit: names of properties, types, enums instead of strings.
            #nullable enable

            using System;
            using System.Text.Json;
            using Agent.Sync;

            """.ReplaceLineEndings("\n"));
        if (space is not null)
        {
            code.Append(CultureInfo.InvariantCulture, $"\nnamespace {space};\n");
        }

        foreach (var entity in entities)
        {
            WriteClass(code, entity, catalog?.Tables.FirstOrDefault(table => table.Schema == entity.Dataset.Schema && table.Name == entity.Dataset.RemoteTable));
        }

        return code.ToString();
    }

    private static void WriteClass(StringBuilder code, Entity entity, CatalogTable? table)
    {
        var dataset = entity.Dataset;
        code.Append('\n');
        if (dataset.Filters.Count > 0 || dataset.ConflictPolicy is not null)
        {
            code.Append(CultureInfo.InvariantCulture, $"// Give AddDataset<{entity.ClassName}>(...) the filter and the conflict policy of the dataset '{dataset.Name}' too.\n");
        }

        code.Append(CultureInfo.InvariantCulture, $"[SyncTable({Literal(dataset.RemoteTable)}{Named("Schema", dataset.Schema, "public")}{Named("Dataset", dataset.Name, dataset.RemoteTable)}{Named("LocalTable", dataset.LocalTable, dataset.RemoteTable)})]\n");
        code.Append(CultureInfo.InvariantCulture, $"public sealed partial record {entity.ClassName}\n{{\n");
        var names = EntityNames.OfProperties(entity.ClassName);
        for (var ordinal = 0; ordinal < dataset.Columns.Count; ordinal++)
        {
            var column = dataset.Columns[ordinal];
            var known = table?.Columns.FirstOrDefault(candidate => candidate.Name == column.Name);
            var type = EntityTypes.Of(column.Type, known);
            var isNeverNull = known?.IsNotNull ?? (dataset.KeyOrdinals.Contains(ordinal) || ordinal == dataset.CursorOrdinal || ordinal == dataset.VersionOrdinal);
            var property = names.Property(column.Name);
            var attributes = string.Concat(Attributes(dataset, ordinal, property).Select(static attribute => $"[{attribute}] "));
            code.Append(CultureInfo.InvariantCulture, $"    {attributes}public {(isNeverNull && EntityTypes.IsReference(type) ? "required " : "")}{type}{(isNeverNull ? "" : "?")} {property} {{ get; init; }}\n");
        }

        code.Append("}\n");
    }

    private static IEnumerable<string> Attributes(Dataset dataset, int ordinal, string property)
    {
        if (dataset.KeyOrdinals.Contains(ordinal))
        {
            yield return dataset.KeyOrdinals.Count == 1 ? "SyncKey" : string.Create(CultureInfo.InvariantCulture, $"SyncKey({dataset.KeyOrdinals.ToList().IndexOf(ordinal) + 1})");
        }

        if (ordinal == dataset.CursorOrdinal)
        {
            yield return "SyncUpdatedAt";
        }

        if (ordinal == dataset.VersionOrdinal)
        {
            yield return "SyncVersion";
        }

        if (ordinal == dataset.DeletedOrdinal)
        {
            yield return dataset.DeleteHandling == DeleteHandling.Mark ? "SyncDeletedAt(DeleteHandling.Mark)" : "SyncDeletedAt";
        }

        var (name, local) = (dataset.Columns[ordinal].Name, dataset.Columns[ordinal].LocalName);
        var isOwned = !dataset.PushedOrdinals.Contains(ordinal) && ordinal != dataset.CursorOrdinal && ordinal != dataset.VersionOrdinal;
        string[] arguments = [.. EntityNames.IsByConvention(property, name) ? Array.Empty<string>() : [Literal(name)], .. local == name ? Array.Empty<string>() : [$"Local = {Literal(local)}"], .. isOwned ? ["ServerOwned = true"] : Array.Empty<string>()];
        if (arguments.Length > 0)
        {
            yield return $"SyncColumn({string.Join(", ", arguments)})";
        }
    }

    private static string Named(string argument, string value, string usual) => value == usual ? "" : $", {argument} = {Literal(value)}";

    // Names of the engine hold no character that a literal would have to escape.
    private static string Literal(string text) => $"\"{text}\"";
}
