using System;
using System.Threading;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers with a state of its own.</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        internal Generator(nint handle, Device device)
        {
            _handle = handle;
            this.device = device;
        }

        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            if (this.device.type != DeviceType.CPU)
            {
                throw new NotSupportedException($"Generator: expected the device cpu, got {this.device}; seed other devices with torch.manual_seed.");
            }

            _handle = NativeFailure.Check(Native.hybrid_new_generator(seed));
        }

        ~Generator()
        {
            Dispose(false);
        }

        /// <summary>The generator that operations use when none is given.</summary>
        public static Generator Default => new(NativeFailure.Check(Native.hybrid_default_generator((int)DeviceType.CPU, -1)), CPU);

        public IntPtr Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Generator));

        public Device device { get; private set; }

        /// <summary>The state as a byte tensor: restoring it continues the sequence bit for bit.</summary>
        public Tensor get_state()
        {
            var state = new Tensor(NativeFailure.Check(Native.hybrid_generator_state(Handle)), 0);
            GC.KeepAlive(this);
            return state;
        }

        public void set_state(Tensor value)
        {
            ArgumentNullException.ThrowIfNull(value);
            NativeFailure.ThrowIf(Native.hybrid_generator_set_state(Handle, value.Handle) < 0);
            GC.KeepAlive(this);
            GC.KeepAlive(value);
        }

        public Generator manual_seed(long seed)
        {
            NativeFailure.ThrowIf(Native.hybrid_generator_seed(Handle, unchecked((ulong)seed)) < 0);
            GC.KeepAlive(this);
            return this;
        }

        /// <summary>Seeds from the system's entropy and returns that seed.</summary>
        public long seed()
        {
            var seed = unchecked((long)Native.hybrid_generator_reseed(Handle));
            GC.KeepAlive(this);
            return seed;
        }

        public long initial_seed()
        {
            var seed = unchecked((long)Native.hybrid_generator_initial_seed(Handle));
            GC.KeepAlive(this);
            return seed;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
            {
                Native.hybrid_release_generator(handle);
            }
        }
    }

    /// <summary>Seeds the default generators of all devices.</summary>
    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static long initial_seed() => random.initial_seed();

    public static long seed() => random.seed();

    public static Tensor get_rng_state() => random.get_rng_state();

    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    public static class random
    {
        public static Generator manual_seed(long seed)
        {
            NativeFailure.ThrowIf(Native.hybrid_manual_seed(unchecked((ulong)seed)) < 0);
            return Generator.Default;
        }

        public static long initial_seed()
        {
            using var generator = Generator.Default;
            return generator.initial_seed();
        }

        public static long seed()
        {
            using var generator = Generator.Default;
            return generator.seed();
        }

        public static Tensor get_rng_state()
        {
            using var generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var generator = Generator.Default;
            generator.set_state(new_state);
        }
    }
}
