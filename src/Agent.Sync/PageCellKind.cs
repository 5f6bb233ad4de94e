namespace Agent.Sync;

/// <summary>The kind of value in one cell of a <see cref="Page"/>.</summary>
public enum PageCellKind
{
    /// <summary>A JSON <c>null</c>.</summary>
    Null,

    /// <summary>A JSON string without escapes: its bytes are its value.</summary>
    String,

    /// <summary>A JSON string with escapes: use <see cref="PageCell.CopyText"/>.</summary>
    EscapedString,

    /// <summary>A JSON number, in the server's own digits.</summary>
    Number,

    /// <summary>A JSON <c>true</c>.</summary>
    True,

    /// <summary>A JSON <c>false</c>.</summary>
    False,

    /// <summary>A JSON object or array, in the server's own bytes; in a <see cref="ColumnType.Json"/> column also a string, with its quotes.</summary>
    Composite,
}
