namespace Agent.Sync;

/// <summary>The type of a dataset's column: how PostgREST formats it and how a local store keeps it.</summary>
public enum ColumnType
{
    /// <summary><c>text</c>, <c>varchar</c>, enums: a JSON string.</summary>
    Text,

    /// <summary><c>uuid</c>: a JSON string of 36 characters.</summary>
    Uuid,

    /// <summary><c>smallint</c>, <c>integer</c>, <c>bigint</c>: a JSON number that fits 64 bits.</summary>
    Integer,

    /// <summary><c>boolean</c>: a JSON <c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary><c>real</c>, <c>double precision</c>: a JSON number (or the strings NaN, Infinity, -Infinity).</summary>
    Double,

    /// <summary><c>numeric</c>: a JSON number of any precision, never converted to a double.</summary>
    Numeric,

    /// <summary><c>timestamptz</c>: a JSON string in ISO 8601 with an offset, microsecond precision.</summary>
    Timestamptz,

    /// <summary><c>timestamp</c> without time zone: a JSON string in ISO 8601 without an offset.</summary>
    Timestamp,

    /// <summary><c>date</c>: a JSON string, <c>yyyy-MM-dd</c>.</summary>
    Date,

    /// <summary><c>time</c> without time zone: a JSON string, <c>HH:mm:ss</c> with up to six fractional digits.</summary>
    Time,

    /// <summary><c>json</c>, <c>jsonb</c>, arrays, composites: any JSON value, kept as its own UTF-8 text.</summary>
    Json,

    /// <summary><c>bytea</c>: a JSON string in PostgreSQL's hex form, <c>\x0123ab</c>.</summary>
    Bytes,
}
