namespace Hybrid.Models.Systems.Cygno;

/// <summary>A kind and energy that a network tells apart.</summary>
/// <param name="Nuclear">A nuclear recoil, or an electron's.</param>
/// <param name="EnergyKeV">Its energy; of a range of energies the mean of those trained on.</param>
public sealed record RecoilClass(bool Nuclear, double EnergyKeV);
