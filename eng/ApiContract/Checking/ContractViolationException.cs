namespace ApiContract.Checking;

/// <summary>A request was about to be sent that the document does not describe.</summary>
public sealed class ContractViolationException(string message) : Exception(message);
