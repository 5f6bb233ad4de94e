using System.Collections;
using System.Reflection;

namespace Agent.Sync.Tests.Configuration;

public sealed class SyncOptionsCopyTests
{
    [Fact]
    public void Copy_EveryPropertyChanged_HasThemAll()
    {
        var options = TestOptions.Create();
        options.SealingKeys.Add(new SealingKey(1, new byte[32]));
        options.TotalCount = TotalCount.Exact;
        Change(options);
        foreach (object part in new object[] { options.Commit, options.Retry, options.Breaker, options.RateLimit })
        {
            Change(part);
        }

        AssertSame(options, options.Copy());
    }

    [Fact]
    public void Copy_OriginalChangedLater_StaysAsItWas()
    {
        var options = TestOptions.Create();
        var copy = options.Copy();

        options.PageSize = 5;
        options.Commit.Rows = 5;
        options.Datasets.Clear();

        Assert.Equal((100, 10_000), (copy.PageSize, copy.Commit.Rows));
        Assert.Single(copy.Datasets);
    }

    private static void Change(object part)
    {
        foreach (var property in part.GetType().GetProperties().Where(property => property.CanWrite))
        {
            object? value = property.GetValue(part) switch
            {
                int number => number + 1,
                long number => number + 1,
                double number => number / 2,
                bool flag => !flag,
                TimeSpan time => time + TimeSpan.FromSeconds(1),
                var other => other,
            };
            property.SetValue(part, value);
        }
    }

    private static void AssertSame(object expected, object actual)
    {
        foreach (PropertyInfo property in expected.GetType().GetProperties())
        {
            object? left = property.GetValue(expected);
            object? right = property.GetValue(actual);
            if (left is IEnumerable and not string)
            {
                Assert.Equal(((IEnumerable)left).Cast<object>(), ((IEnumerable)right!).Cast<object>());
            }
            else if (property.CanWrite)
            {
                Assert.True(Equals(left, right), $"{property.DeclaringType!.Name}.{property.Name}");
            }
            else
            {
                AssertSame(left!, right!);
            }
        }
    }
}
