namespace Agent.Sync.Tests.Attack;

/// <summary>The call that is attacked.</summary>
public enum AttackedCall
{
    /// <summary>A page of rows.</summary>
    Page,

    /// <summary>A bulk insert.</summary>
    Insert,

    /// <summary>An update of one row.</summary>
    Update,

    /// <summary>A delete of one row.</summary>
    Delete,

    /// <summary>The read of a row that an update did not find.</summary>
    LookUp,

    /// <summary>A page in the order of the SQL kit.</summary>
    KitPage,

    /// <summary>The SQL kit's horizon.</summary>
    Horizon,

    /// <summary>The SQL kit's push.</summary>
    Push,
}
