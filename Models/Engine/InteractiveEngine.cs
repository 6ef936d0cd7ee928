using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using Hybrid.Data.Formats;
using TorchSharp;

namespace Hybrid.Models.Engine;

/// <summary>
/// libtorch in an interactive session (<c>dotnet fsi</c>, a notebook): no build copies native libraries beside the program there, and none
/// mends TorchSharp's bridge for older Linux. Compiled programs do not need it.
/// </summary>
public static class InteractiveEngine
{
    /// <summary>libtorch's package of this version goes with TorchSharp 0.107.</summary>
    private const string LibtorchVersion = "2.10.0";

    private const string Bridge = "LibTorchSharp", NeededVersion = "GLIBCXX_3.4.32";

    // libtorch's parts, each before what needs it.
    private static readonly string[] _parts = ["c10", "torch_cpu", "torch"];

    // In the bridge's list of versions: the ELF hash of GLIBCXX_3.4.32, then flags of 0. Weak is 2.
    private static readonly byte[] _request = [0x42, 0xf8, 0x97, 0x02, 0x00, 0x00];

    private static readonly Lazy<string> _loaded = new(LoadOnce);

    /// <summary>
    /// Loads libtorch from the folder of NuGet packages, and makes the settings of <see cref="EngineSettings"/>. Call it before the first
    /// tensor; later calls return what the first one did.
    /// </summary>
    /// <returns>One line that says what was loaded, and from where.</returns>
    /// <exception cref="DllNotFoundException">
    /// A package is missing, or cannot be loaded; the message names the reference to add.
    /// </exception>
    public static string Load() => _loaded.Value;

    private static string LoadOnce()
    {
        var assembly = typeof(torch).Assembly;
        var bridge = LoadParts(assembly, out var explanation);
        if (bridge != IntPtr.Zero)
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == Bridge ? bridge : IntPtr.Zero);
        return $"{explanation} {EngineSettings.Apply().Explanation}";
    }

    private static IntPtr LoadParts(Assembly assembly, out string explanation)
    {
        var folder = Path.GetDirectoryName(assembly.Location) ?? "";
        // …/torchsharp/0.107.0/lib/net8.0/TorchSharp.dll; anything else is a program that has what it needs beside it.
        var package = new DirectoryInfo(folder).Parent?.Parent;
        var system = OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";
        var native = package is null ? null : Path.Combine(package.FullName, "runtimes", system, "native");
        var path = native is null ? null : Path.Combine(native, FileName(Bridge));
        if (!File.Exists(path))
        {
            explanation = "libtorch is loaded as in any program.";
            return IntPtr.Zero;
        }
        var name = $"libtorch-cpu-{system}";
        var libtorch = Path.Combine(package!.Parent!.Parent!.FullName, name, LibtorchVersion, "runtimes", system, "native");
        if (!Directory.Exists(libtorch))
            throw new DllNotFoundException(
                $"libtorch: expected its package in {libtorch}, there is none. "
                    + $"Add #r \"nuget: {name}, {LibtorchVersion}\".");
        foreach (var part in _parts.Select(part => Path.Combine(libtorch, FileName(part))).Where(File.Exists)) NativeLibrary.Load(part);
        if (NativeLibrary.TryLoad(path, out var loaded))
        {
            explanation = $"libtorch {LibtorchVersion} from {libtorch}.";
            return loaded;
        }
        if (!OperatingSystem.IsLinux())
            throw new DllNotFoundException($"{path}: the system does not load it. Is libtorch {LibtorchVersion} the one in {libtorch}?");
        var mended = Mended(path);
        explanation = $"libtorch {LibtorchVersion} from {libtorch}, TorchSharp's bridge for older Linux from {mended}.";
        return NativeLibrary.Load(mended);
    }

    private static string FileName(string library)
        => OperatingSystem.IsWindows() ? library + ".dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>
    /// A copy of the bridge whose request for the C++ runtime of GCC 13, of which it uses nothing, is weak: what
    /// <c>Hybrid.Dsl.targets</c> does in a build. One a user and version.
    /// </summary>
    private static string Mended(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(_request);
        var needed = System.Text.Encoding.ASCII.GetBytes(NeededVersion);
        if (bytes.AsSpan().IndexOf(needed) < 0 || at < 0 || bytes.AsSpan(at + 1).IndexOf(_request) >= 0)
            throw new DllNotFoundException(
                $"{path}: the system does not load it, and it does not have one request for {NeededVersion} to mark as weak "
                    + "(as in TorchSharp 0.107.0). Use TorchSharp 0.107.0, or a system with the C++ runtime of GCC 13.");
        bytes[at + 4] = 2;
        var folder = UserData.Folder($"torchsharp-{typeof(torch).Assembly.GetName().Version}");
        var target = Path.Combine(folder, FileName(Bridge));
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(bytes)) return target;
        Directory.CreateDirectory(folder);
        WholeFile.Write(target, stream => stream.Write(bytes));
        return target;
    }
}
