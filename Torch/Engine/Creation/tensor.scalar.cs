using System.Numerics;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor tensor((double,double) scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<Complex>([new Complex(scalar.Item1, scalar.Item2)], [], dtype, device, requires_grad, null);

    public static Tensor tensor((float,float) scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<(float, float)>([scalar], [], dtype, device, requires_grad, null);

    public static Tensor tensor(BFloat16 scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<BFloat16>([scalar], [], dtype, device, requires_grad, null);

    public static Tensor tensor(byte scalar, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<byte>([scalar], [], null, device, requires_grad, null);

    public static Tensor tensor(Complex scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<Complex>([scalar], [], dtype, device, requires_grad, null);

    public static Tensor tensor(short scalar, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<short>([scalar], [], null, device, requires_grad, null);

    public static Tensor tensor(sbyte scalar, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<sbyte>([scalar], [], null, device, requires_grad, null);

    public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<bool>([scalar], [], dtype, device, requires_grad, null);

    public static Tensor tensor(double real, double imaginary, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<Complex>([new Complex(real, imaginary)], [], dtype, device, requires_grad, null);

    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<double>([scalar], [], dtype, device, requires_grad, null);

    public static Tensor tensor(float real, float imaginary, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<(float, float)>([(real, imaginary)], [], dtype, device, requires_grad, null);

    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<float>([scalar], [], null, device, requires_grad, null);

    public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<int>([scalar], [], null, device, requires_grad, null);

    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.FromValues<long>([scalar], [], dtype, device, requires_grad, null);
}
