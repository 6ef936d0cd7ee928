using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

[assembly: DisableRuntimeMarshalling]

namespace Hybrid.Torch;

/// <summary>The exports of Torch/Native. A tensor handle is a TensorImpl with one reference of its own.</summary>
internal static unsafe partial class Native
{
    private const string Library = "hybridtorch";

    static Native()
    {
        NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);
        if (hybrid_initialize() < 0)
        {
            NativeFailure.Throw();
        }

        hybrid_on_warning(&Warn);
        BackendThreads.ApplyDefault();
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name != Library)
        {
            return 0;
        }

        var folder = Folder(assembly);
        var beside = Path.Combine(folder, "libhybridtorch.so");
        UnusedLibraries.StandIn(folder);
        try
        {
            return NativeLibrary.Load(beside);
        }
        catch (DllNotFoundException e)
        {
            // A libtorch other than the one that the build tried may use them after all.
            if (UnusedLibraries.Withdraw() && NativeLibrary.TryLoad(beside, out var library))
            {
                return library;
            }

            throw new DllNotFoundException(
                $"libhybridtorch.so or the libtorch it is linked to cannot be loaded. Expected it at {beside}. Install libtorch (Debian: libtorch-dev libopenblas0-openmp) "
                + $"or build with LIBTORCH naming an unpacked libtorch. The loader says: {e.Message}", e);
        }
    }

    /// <summary>Where the library is: beside the assembly, beside the program, or where the runtime looks for native parts of packages.</summary>
    private static string Folder(Assembly assembly)
    {
        var places = new[] { Path.GetDirectoryName(assembly.Location) ?? "", AppContext.BaseDirectory }
            .Concat((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator))
            .Where(place => place.Length > 0);
        return places.FirstOrDefault(place => File.Exists(Path.Combine(place, "libhybridtorch.so"))) ?? AppContext.BaseDirectory;
    }

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_operator(byte* name, byte* overload);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_call(nint op, Value* arguments, int count, Value* results, int capacity);

    [DllImport(Library, ExactSpelling = true)]
    public static extern byte* hybrid_schema(nint op);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_error_message(byte* buffer, int capacity);

    [DllImport(Library, ExactSpelling = true)]
    public static extern void hybrid_free(nint memory);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_initialize();

    [DllImport(Library, ExactSpelling = true)]
    public static extern void hybrid_release(nint handle);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_share(nint handle);

    [DllImport(Library, ExactSpelling = true), SuppressGCTransition]
    public static extern int hybrid_dtype(nint handle);

    [DllImport(Library, ExactSpelling = true), SuppressGCTransition]
    public static extern long hybrid_dim(nint handle);

    [DllImport(Library, ExactSpelling = true), SuppressGCTransition]
    public static extern long hybrid_numel(nint handle);

    [DllImport(Library, ExactSpelling = true), SuppressGCTransition]
    public static extern long hybrid_element_size(nint handle);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_sizes(nint handle, long* sizes);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_strides(nint handle, long* sizes);

    [DllImport(Library, ExactSpelling = true)]
    public static extern long hybrid_storage_offset(nint handle);

    [DllImport(Library, ExactSpelling = true)]
    public static extern long hybrid_storage_bytes(nint handle);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_storage_data(nint handle);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_device(nint handle, int* index);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_layout(nint handle);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_is(nint handle, int question);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_data(nint handle);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_from_memory(nint data, long* sizes, int dim, int dtype, delegate* unmanaged<nint, void> release, nint context);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_from_copy(void* data, long* sizes, int dim, int dtype);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_result_type(nint a, nint b);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_promote(int a, int b);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_set_requires_grad(nint handle, int value);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_grad(nint handle);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_set_grad(nint handle, nint grad);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_backward(nint* tensors, int count, nint* grads, int gradCount, int retain, int create, nint* inputs, int inputCount);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_autograd_grad(nint* outputs, int outputCount, nint* inputs, int inputCount, nint* grads, int gradCount, int retain, int create, int allowUnused, nint* results);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_detached_alias(nint handle);

    [DllImport(Library, ExactSpelling = true), SuppressGCTransition]
    public static extern int hybrid_grad_mode();

    [DllImport(Library, ExactSpelling = true)]
    public static extern void hybrid_set_grad_mode(int enabled);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_inference_mode();

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_enter_inference_mode(int enabled);

    [DllImport(Library, ExactSpelling = true)]
    public static extern void hybrid_leave_inference_mode(nint guard);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_anomaly(int* checkNan);

    [DllImport(Library, ExactSpelling = true)]
    public static extern void hybrid_set_anomaly(int enabled, int checkNan);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_default_generator(int deviceType, int index);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_new_generator(ulong seed);

    [DllImport(Library, ExactSpelling = true)]
    public static extern void hybrid_release_generator(nint generator);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_generator_seed(nint generator, ulong seed);

    [DllImport(Library, ExactSpelling = true)]
    public static extern ulong hybrid_generator_reseed(nint generator);

    [DllImport(Library, ExactSpelling = true)]
    public static extern ulong hybrid_generator_initial_seed(nint generator);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_generator_state(nint generator);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_generator_set_state(nint generator, nint state);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_manual_seed(ulong seed);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_num_threads();

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_set_num_threads(int n);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_num_interop_threads();

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_set_num_interop_threads(int n);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_default_dtype();

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_set_default_dtype(int dtype);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_cuda_devices();

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_has_cudnn();

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_deterministic(int* warnOnly);

    [DllImport(Library, ExactSpelling = true)]
    public static extern void hybrid_set_deterministic(int enabled, int warnOnly);

    [DllImport(Library, ExactSpelling = true)]
    public static extern byte* hybrid_libtorch_version();

    [DllImport(Library, ExactSpelling = true)]
    public static extern byte* hybrid_names(nint handle);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_set_names(nint handle, byte* joined, int count);

    [DllImport(Library, ExactSpelling = true)]
    public static extern nint hybrid_dropout(nint tensor, double p);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_adam_step(
        nint* parameters, nint* first, nint* second, nint* largest, long* steps, int count,
        double lr, double beta1, double beta2, double epsilon, double weightDecay, int decoupled, int maximize);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_zero_gradients(nint* parameters, int count, int setToNone);

    [DllImport(Library, ExactSpelling = true)]
    public static extern int hybrid_gemm();

    [DllImport(Library, ExactSpelling = true)]
    public static extern void hybrid_on_warning(delegate* unmanaged<byte*, int, void> sink);

    [UnmanagedCallersOnly]
    private static void Warn(byte* text, int length) => Trace.TraceWarning("libtorch: " + Encoding.UTF8.GetString(text, length));
}
