using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Agent.Sync.Configuration;

/// <summary>Like RangeAttribute, but its message also says the value that was refused, and NaN is.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class InRangeAttribute : ValidationAttribute
{
    public InRangeAttribute(double minimum, double maximum)
    {
        Minimum = minimum;
        Maximum = maximum;
    }

    // Not a default value: the generated validator would have to write infinity as a number.
    public InRangeAttribute(double minimum)
        : this(minimum, double.PositiveInfinity)
    {
    }

    public double Minimum { get; }

    public double Maximum { get; }

    public bool IsAboveMinimum { get; init; }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var range = new NumberRange(Minimum, Maximum, IsAboveMinimum);
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        return range.Contains(number)
            ? ValidationResult.Success
            : new ValidationResult(OptionFault.OutOfRange(
                validationContext.DisplayName, Convert.ToString(value, CultureInfo.InvariantCulture), range.ToString()));
    }
}
