using Hybrid.Models.Engine;

[assembly: Xunit.AssemblyFixture(typeof(Hybrid.PropertyTests.Compiler.Libtorch.EngineFixture))]

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>Makes the engine's settings before the first test, as programs do before their first tensor.</summary>
public sealed class EngineFixture
{
    public EngineFixture() => EngineSettings.Apply();
}
