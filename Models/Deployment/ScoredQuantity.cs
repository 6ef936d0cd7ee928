namespace Hybrid.Models.Deployment;

/// <summary>One number that a deployed model gives of an image.</summary>
/// <param name="Name">As a column of a table is named: <c>response</c>, <c>energy_kev</c>.</param>
/// <param name="Unit">Its unit; empty for a number without one.</param>
/// <param name="Description">What it says, in a few words.</param>
/// <param name="Low">The lower end of its usual range, where a histogram begins.</param>
/// <param name="High">The upper end.</param>
public sealed record ScoredQuantity(string Name, string Unit, string Description, double Low, double High);
