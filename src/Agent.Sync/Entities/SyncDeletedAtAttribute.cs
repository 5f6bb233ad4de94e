namespace Agent.Sync;

/// <summary>Marks the soft-deletion timestamp, null while the row lives: a nullable <see cref="DateTimeOffset"/>, or a nullable <see cref="DateTime"/> in UTC.</summary>
/// <param name="handling">What a set deletion time does to the local row. The default is <see cref="DeleteHandling.Remove"/>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SyncDeletedAtAttribute(DeleteHandling handling = DeleteHandling.Remove) : Attribute
{
    /// <summary>Gets what a set deletion time does to the local row.</summary>
    public DeleteHandling Handling { get; } = handling;
}
