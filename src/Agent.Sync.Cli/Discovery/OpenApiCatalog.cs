using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Discovery;

/// <summary>
/// Reads the tables of a schema from the description that the project's API gives of itself, to a secret key alone. It has columns, types and keys; triggers, indexes and
/// row-level security are not in it.
/// </summary>
internal static partial class OpenApiCatalog
{
    private static readonly string[] NotDescribed =
    [
        "whether triggers move the update timestamp and raise the version",
        "whether an index serves the order of deltas",
        "row-level security, policies, and who may select",
        "which columns the server generates: list them in ServerOwned",
        "unique keys beside the primary key, and the order of its columns",
        "foreign keys of several columns",
        "which names are views",
    ];

    // Of thousands of tables it is some megabytes.
    private const int MaxBytes = 256 * 1024 * 1024;

    /// <exception cref="UsageException">The project refuses the key, or cannot be reached. No message has the key.</exception>
    public static async Task<Catalog> ReadAsync(Uri project, string secretKey, IReadOnlyCollection<string> schemas, CancellationToken cancellationToken)
    {
        if (project.Scheme != Uri.UriSchemeHttps && !project.IsLoopback)
        {
            throw new UsageException("--url must begin with https://: a secret key is not sent without encryption.");
        }

        // A redirect would take the key elsewhere.
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { MaxResponseContentBufferSize = MaxBytes };
        List<CatalogTable> tables = [];
        foreach (var schema in schemas)
        {
            using var document = await AskAsync(http, project, secretKey, schema, cancellationToken);
            tables.AddRange(Read(document.RootElement, schema));
        }

        return new Catalog(tables, HasKit: false) { Unknown = NotDescribed };
    }

    private static async Task<JsonDocument> AskAsync(HttpClient http, Uri project, string secretKey, string schema, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(project.ToString().TrimEnd('/') + "/rest/v1/"));
        if (!secretKey.All(static c => c is > ' ' and <= '~'))
        {
            throw Refused();
        }

        request.Headers.TryAddWithoutValidation("apikey", secretKey);
        if (secretKey.StartsWith("ey", StringComparison.Ordinal))
        {
            // A legacy service_role key is a token, and its role counts only there. Other keys are no tokens.
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {secretKey}");
        }

        request.Headers.TryAddWithoutValidation("Accept-Profile", schema);
        request.Headers.TryAddWithoutValidation("Accept", "application/openapi+json");
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            {
                throw Refused();
            }

            if (response.StatusCode == HttpStatusCode.NotAcceptable)
            {
                throw new UsageException($"The project's API does not expose the schema {schema}: name another with --schema, or expose it.");
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new UsageException($"The project's API answers with status {(int)response.StatusCode} instead of its description: check --url.");
            }

            return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new UsageException($"The project cannot be reached: {exception.HttpRequestError}. Check --url and the network.");
        }
        catch (JsonException)
        {
            throw new UsageException("The project's API does not answer with its description: check --url.");
        }
    }

    private static UsageException Refused() =>
        new("The project does not describe itself to this key: set AGENT_SYNC_SECRET_KEY to a secret key (sb_secret_...) or the legacy service_role key of the project.");

    private static IEnumerable<CatalogTable> Read(JsonElement root, string schema)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("definitions", out var definitions))
        {
            throw new UsageException("The project's API does not answer with its description: check --url.");
        }

        foreach (var definition in definitions.EnumerateObject().OrderBy(static definition => definition.Name, StringComparer.Ordinal))
        {
            var required = definition.Value.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(static name => name.GetString()).ToHashSet(StringComparer.Ordinal) : [];
            var properties = definition.Value.GetProperty("properties").EnumerateObject().ToArray();
            var descriptions = properties.ToDictionary(
                static property => property.Name,
                static property => property.Value.TryGetProperty("description", out var text) ? text.GetString() ?? "" : "",
                StringComparer.Ordinal);
            string[] key = [.. properties.Select(static property => property.Name).Where(name => descriptions[name].Contains("<pk/>", StringComparison.Ordinal))];
            yield return new CatalogTable(
                schema,
                definition.Name,
                [.. properties.Select(property => Column(property, required.Contains(property.Name)))],
                key.Length > 0 ? [key] : [],
                Indexes: [],
                [.. descriptions.Values.SelectMany(static text => ForeignKey().Matches(text)).Select(static match => match.Groups[1].Value).Where(parent => parent != definition.Name).Distinct(StringComparer.Ordinal)],
                Stamps: [],
                HasRowSecurity: false,
                Policies: 0,
                IsReadable: null)
            { IsDescription = true };
        }
    }

    private static CatalogColumn Column(JsonProperty property, bool isNotNull)
    {
        var format = property.Value.TryGetProperty("format", out var text) ? text.GetString() ?? "" : "";
        return new CatalogColumn(property.Name, format, DatabaseTypes.FindByName(format, property.Value.TryGetProperty("enum", out _)), isNotNull, IsServerOwned: false);
    }

    [GeneratedRegex("<fk table='([^']*)' column='[^']*'/>")]
    private static partial Regex ForeignKey();
}
