using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Engine;

/// <summary>
/// Products and convolutions in bfloat16, everything that needs more in float32, as libtorch's autocast chooses operation by operation,
/// from where it is begun to where it is disposed, on this thread. Weights and their gradients stay float32. TorchSharp 0.107 has no call
/// for it; libtorch's own functions are called by their names in the library.
/// </summary>
/// <remarks>Differentiate outside: the backward pass takes each operation's type from its forward pass.</remarks>
/// <example><code>
/// Tensor loss;
/// using (Autocast.Begin(device)) loss = ClassLoss.Value(network.forward(image), label);
/// loss.backward();
/// </code></example>
public sealed class Autocast : IDisposable
{
    private static readonly Lazy<Functions?> _functions = new(Functions.Find);
    private readonly DeviceType _device;
    private readonly bool _enabled, _was;
    private bool _isDisposed;

    private Autocast(DeviceType device, bool enabled)
    {
        var functions = _functions.Value!;
        (_device, _enabled, _was) = (device, enabled, functions.IsEnabled((sbyte)device) != 0);
        functions.SetType((sbyte)device, (sbyte)ScalarType.BFloat16);
        functions.Enable((sbyte)device, enabled ? (byte)1 : (byte)0);
        _ = functions.Enter();
    }

    /// <summary>Whether <see cref="Begin"/> works on the device: a CPU or a CUDA or Metal GPU, with this libtorch.</summary>
    /// <remarks>A CPU without bfloat16 instructions (AVX512-BF16, AMX) has it, and is slower with it.</remarks>
    public static bool IsAvailable(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.type is DeviceType.CPU or DeviceType.CUDA or DeviceType.MPS && _functions.Value is not null;
    }

    /// <summary>Begins it on this thread; a nested one changes nothing.</summary>
    /// <exception cref="NotSupportedException">The device or this libtorch has no autocast.</exception>
    public static Autocast Begin(Device device) => new(Required(device), enabled: true);

    /// <summary>Ends it on this thread until the result is disposed: for what must be computed in float32 within.</summary>
    /// <inheritdoc cref="Begin" path="/exception"/>
    public static Autocast Suspend(Device device) => new(Required(device), enabled: false);

    /// <summary>Puts back what was before.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        var functions = _functions.Value!;
        // Weights are cast once and kept, with their place in the graph, until the outermost one ends. While one is suspended a loss is
        // differentiated and weights change.
        if (functions.Leave() == 0 || !_enabled) functions.Forget();
        functions.Enable((sbyte)_device, _was ? (byte)1 : (byte)0);
    }

    private static DeviceType Required(Device device)
    {
        if (IsAvailable(device)) return device.type;
        throw new NotSupportedException(
            $"Autocast: expected a device that computes in bfloat16 (cpu, cuda, mps), got {device}"
            + (_functions.Value is null ? ", and this libtorch does not export its autocast. " : ". ")
            + "Leave TrainingOptions.Autocast false there (Autocast.IsAvailable tells).");
    }

    private sealed record Functions(
        IsEnabledCall IsEnabled, EnableCall Enable, SetTypeCall SetType, CountCall Enter, CountCall Leave, Action Forget)
    {
        // A function's name in GCC's and clang's libraries, and in those of Microsoft's compiler.
        private static readonly Dictionary<string, (string Itanium, string Microsoft)> _names = new()
        {
            ["is"] = (
                "_ZN2at8autocast19is_autocast_enabledEN3c1010DeviceTypeE",
                "?is_autocast_enabled@autocast@at@@YA_NW4DeviceType@c10@@@Z"),
            ["enable"] = (
                "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb",
                "?set_autocast_enabled@autocast@at@@YAXW4DeviceType@c10@@_N@Z"),
            ["type"] = (
                "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE",
                "?set_autocast_dtype@autocast@at@@YAXW4DeviceType@c10@@W4ScalarType@4@@Z"),
            ["enter"] = ("_ZN2at8autocast17increment_nestingEv", "?increment_nesting@autocast@at@@YAHXZ"),
            ["leave"] = ("_ZN2at8autocast17decrement_nestingEv", "?decrement_nesting@autocast@at@@YAHXZ"),
            ["forget"] = ("_ZN2at8autocast11clear_cacheEv", "?clear_cache@autocast@at@@YAXXZ"),
        };

        public static Functions? Find()
        {
            InitializeDeviceType(DeviceType.CPU); // loads libtorch the way TorchSharp does
            var name = OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";
            if (!NativeLibrary.TryLoad(name, typeof(torch).Assembly, null, out var library)) return null;
            var places = new Dictionary<string, IntPtr>();
            foreach (var (key, names) in _names)
            {
                if (!NativeLibrary.TryGetExport(library, OperatingSystem.IsWindows() ? names.Microsoft : names.Itanium, out var place))
                    return null;
                places.Add(key, place);
            }
            T At<T>(string key) where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(places[key]);
            var forget = At<VoidCall>("forget");
            return new Functions(
                At<IsEnabledCall>("is"), At<EnableCall>("enable"), At<SetTypeCall>("type"), At<CountCall>("enter"), At<CountCall>("leave"),
                () => forget());
        }
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate byte IsEnabledCall(sbyte device);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate void EnableCall(sbyte device, byte enabled);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate void SetTypeCall(sbyte device, sbyte type);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate int CountCall();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)] private delegate void VoidCall();
}
