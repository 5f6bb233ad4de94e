namespace QuickStart.Events;

/// <summary>The user is signed in.</summary>
internal sealed record SignedInEvent(string Email) : SampleEvent("signedIn");
