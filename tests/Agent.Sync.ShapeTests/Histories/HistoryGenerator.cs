using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Histories;

/// <summary>Makes the steps of a shape's history.</summary>
internal static class HistoryGenerator
{
    public static IReadOnlyList<Step> Make(Shape shape)
    {
        var random = new Random(shape.Seed ^ 0x5eed);
        List<Step> steps = [];
        var isCalm = random.Chance(3);
        for (var count = random.Next(8, 34); steps.Count < count;)
        {
            var kind = random.Next(100) switch
            {
                < 22 => StepKind.Sync,
                < 28 => StepKind.KilledSync,
                < 29 => StepKind.FullResync,
                < 30 => StepKind.Status,
                < 60 => StepKind.Edit,
                < 76 => StepKind.ServerEdit,
                < 79 => StepKind.CreateIndex,
                < 82 => StepKind.CreateTrigger,
                < 86 => StepKind.Rebuild,
                < 87 => StepKind.RenameColumn,
                < 88 => StepKind.DropColumn,
                < 89 => StepKind.AddColumn,
                < 93 => StepKind.DeclareColumn,
                < 95 => StepKind.LeaveColumnOut,
                < 98 => StepKind.Retry,
                _ => StepKind.Discard,
            };
            if (isCalm && kind is >= StepKind.CreateIndex and <= StepKind.LeaveColumnOut)
            {
                // A third of the histories leave the tables alone: what they find has nothing to do with dressing.
                kind = StepKind.Edit;
            }

            steps.Add(new Step(steps.Count + 1, kind, random.Next(1, shape.Devices + 1), random.Next()));
        }

        return steps;
    }
}
