using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace ApiContract.Checking;

/// <summary>A schema of a document, ready to validate with.</summary>
internal sealed class ContractSchema
{
    private const string InDocument = "#/components/schemas/";
    private const string InSchema = "#/definitions/";

    private readonly JsonSchema _schema;

    /// <param name="schema">The schema as it stands in the document.</param>
    /// <param name="components">The document's named schemas, which it may refer to; null when it refers to none.</param>
    public ContractSchema(JsonNode schema, JsonNode? components)
    {
        // The reader does not follow a reference at the root.
        var named = (string?)schema["$ref"] is { } reference ? components![reference[InDocument.Length..]]! : schema;
        var own = named.DeepClone().AsObject();
        if (components is not null)
        {
            own["definitions"] = components.DeepClone();
        }

        // Completes at once: it refers to nothing outside its text.
        _schema = JsonSchema.FromJsonAsync(own.ToJsonString().Replace(InDocument, InSchema, StringComparison.Ordinal)).GetAwaiter().GetResult();
    }

    /// <summary>Returns what is wrong with a JSON text: kinds and paths, never values.</summary>
    public IEnumerable<string> Validate(ReadOnlyMemory<byte> json)
    {
        JToken token;
        try
        {
            using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(json.Span)))
            {
                DateParseHandling = DateParseHandling.None,
                MaxDepth = 256,
            };
            token = JToken.ReadFrom(reader);
        }
        catch (JsonReaderException)
        {
            // Its message quotes the text.
            return ["is not JSON"];
        }

        return _schema.Validate(Readable(token)).SelectMany(Flatten).Distinct(StringComparer.Ordinal);
    }

    /// <summary>Returns whether a text that is not JSON, such as a header's, is as the schema says.</summary>
    public bool Accepts(string text)
    {
        var isNumber = _schema.Type.HasFlag(JsonObjectType.Integer);
        JToken token = isNumber && long.TryParse(text, out var number) ? new JValue(number) : new JValue(text);
        return _schema.Validate(token).Count == 0;
    }

    // The validator cannot compare integers beyond 64 bits; as a number of the other kind it takes them.
    private static JToken Readable(JToken token)
    {
        if (token is not JContainer container)
        {
            return token is JValue { Value: BigInteger } ? new JValue(double.MaxValue) : token;
        }

        foreach (var large in container.Descendants().OfType<JValue>().Where(static value => value.Value is BigInteger).ToList())
        {
            large.Value = double.MaxValue;
        }

        return token;
    }

    private static IEnumerable<string> Flatten(ValidationError error)
    {
        var one = $"{error.Kind} at {error.Path}";
        return error is ChildSchemaValidationError { Errors.Count: > 0 } child
            ? [one, .. child.Errors.Values.MinBy(static errors => errors.Count)!.SelectMany(Flatten)]
            : [one];
    }
}
