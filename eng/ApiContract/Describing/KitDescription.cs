using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>The SQL kit's functions, which are called in schema agent_sync. A project without the kit answers the first call with 404.</summary>
internal static class KitDescription
{
    private const string Tag = "kit";
    private const string Schema = "^agent_sync$";

    public static void AddTo(OpenApiDocument document, IReadOnlyList<Dataset> datasets)
    {
        document.Tags!.Add(new OpenApiTag { Name = Tag, Description = "The functions of the SQL kit, a migration that the project's owner may install." });
        var tables = datasets.Select(static dataset => new TableNames(dataset)).ToList();
        HorizonSchemas.AddTo(document, tables);
        PushSchemas.AddTo(document, tables);
        DigestSchemas.AddTo(document, tables);
        document.Paths["/rest/v1/rpc/horizon"] = Function(
            document,
            "horizon",
            "Asks how far the tables are settled",
            "Once per run: which of the tables have the kit, and below which point of the sequence no transaction can still commit. Also how the library finds out whether the kit is there.",
            HorizonSchemas.Request,
            HorizonSchemas.Answer);
        document.Paths["/rest/v1/rpc/digest"] = Function(
            document,
            "digest",
            "Asks for counts and hashes of rows",
            "Only to verify a dataset. The function walks over rows that the user may see, in the order of their key, and counts and hashes them by buckets of keys; or it lists the keys and hashes of some buckets.",
            DigestSchemas.Request,
            DigestSchemas.Answer);
        document.Paths["/rest/v1/rpc/push"] = Function(
            document,
            "push",
            "Sends a batch of the user's changes",
            "The function runs with the user's own rights, under row-level security. Each change has an operation id: a batch that is sent again is not applied twice.",
            PushSchemas.Request,
            PushSchemas.Answer);
    }

    private static OpenApiPathItem Function(OpenApiDocument document, string name, string summary, string description, string request, string answer) => new()
    {
        Operations = new()
        {
            [HttpMethod.Post] = new OpenApiOperation
            {
                OperationId = $"{Tag}.{name}",
                Tags = new HashSet<OpenApiTagReference> { new(Tag, document) },
                Summary = summary,
                Description = description,
                Security = Credentials.KeyAndUser(document),
                Parameters =
                [
                    Headers.Optional(Headers.ContentProfile, Schemas.Pattern(Schema), "The schema of the kit."),
                    .. Headers.Common(document),
                ],
                RequestBody = new OpenApiRequestBody { Required = true, Content = Answers.Body(Schemas.Named(document, request)) },
                Responses = Answers.Of(document, "200", "One JSON value.", Schemas.Named(document, answer)),
                Extensions = RequestShape.ExtensionOf(new RequestShape("call", summary + ".") { Headers = [new(Headers.ContentProfile, Schema)], Body = request }),
            },
        },
    };
}
