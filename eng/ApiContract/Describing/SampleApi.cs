using Agent.Sync;

namespace ApiContract.Describing;

/// <summary>The API as the sample's tables use it: what docs/openapi.json holds.</summary>
public static class SampleApi
{
    /// <summary>Gets the tables of supabase/migrations.</summary>
    public static IReadOnlyList<Dataset> Datasets { get; } = [SampleDatasets.Projects, SampleDatasets.Artifacts];

    /// <summary>Returns the text of docs/openapi.json.</summary>
    public static string Write() => ApiDescription.Write(Datasets);
}
