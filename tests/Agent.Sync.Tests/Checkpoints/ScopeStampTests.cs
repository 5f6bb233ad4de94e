using Agent.Sync.Checkpoints;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Checkpoints;

public sealed class ScopeStampTests
{
    private static readonly Uri Url = new("https://project.example");

    [Fact]
    public void For_EqualDatasets_IsEqual()
    {
        Assert.Equal(For(Items.Define()), For(Items.Define()));
        Assert.Equal(For(Items.Define()), For(Items.Define(), new Uri("https://project.example/")));
    }

    [Fact]
    public void For_EachPart_ChangesThatPartAlone()
    {
        var stamp = For(Items.Define());

        Assert.Equal(stamp with { User = "" }, For(Items.Define(), user: "b") with { User = "" });
        Assert.NotEqual(stamp.User, For(Items.Define(), user: "b").User);
        Assert.NotEqual(stamp.Role, For(Items.Define(), role: "b").Role);
        Assert.NotEqual(stamp.Project, For(Items.Define(), new Uri("https://other.example")).Project);
        Assert.NotEqual(stamp.Filter, For(Items.Define().Where("kind", FilterOperator.Equal, "a")).Filter);
        Assert.Equal(stamp, For(Items.Define().Column("extra", ColumnType.Text)));
    }

    [Fact]
    public void For_AnyChangeOfTheFilter_Changes()
    {
        DatasetBuilder[] filters =
        [
            Items.Define(),
            Items.Define().Where("kind", FilterOperator.Equal, "ab"),
            Items.Define().Where("kinda", FilterOperator.Equal, "b"),
            Items.Define().Where("kind", FilterOperator.NotEqual, "ab"),
            Items.Define().Where("kind", FilterOperator.Equal, "ab").Where("kind", FilterOperator.Equal, "ab"),
        ];

        Assert.Equal(filters.Length, filters.Select(filter => For(filter).Filter).Distinct().Count());
    }

    [Fact]
    public void For_AnyChangeOfTheSchema_Changes()
    {
        Dataset[] datasets =
        [
            Items.Define().Build(),
            Items.Define(ColumnType.Text).Build(),
            Items.Define().InSchema("other").Build(),
            Items.Define().ToTable("other").Build(),
            Items.Define().Version("version").Build(),
            Items.Define().DeletedAt("deleted_at").Build(),
            Items.Define().DeletedAt("deleted_at", DeleteHandling.Mark).Build(),
            Items.Define().Key("second", ColumnType.Integer).Build(),
            SampleDatasets.Of("others", "name").Build(),
        ];

        Assert.Equal(datasets.Length, datasets.Select(dataset => ScopeStamp.For(dataset, Url, "a", "r").Schema).Distinct().Count());
    }

    [Fact]
    public void Combine_AnotherColumnListOrUser_Differs()
    {
        var dataset = Items.Define().Build();
        var wider = Items.Define().Column("extra", ColumnType.Text).Build();
        var stamp = ScopeStamp.For(dataset, Url, "a", "r");

        Assert.Equal(stamp.Combine(dataset), ScopeStamp.For(dataset, Url, "a", "r").Combine(dataset));
        Assert.NotEqual(stamp.Combine(dataset), ScopeStamp.For(wider, Url, "a", "r").Combine(wider));
        Assert.NotEqual(stamp.Combine(dataset), ScopeStamp.For(dataset, Url, "b", "r").Combine(dataset));
    }

    private static ScopeStamp For(DatasetBuilder builder, Uri? url = null, string user = "a", string role = "r") =>
        ScopeStamp.For(builder.Build(), url ?? Url, user, role);
}
