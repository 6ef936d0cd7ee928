using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <param name="embedded_dim">Width E of queries and outputs.</param>
        /// <param name="num_heads">Divides <paramref name="embedded_dim"/>.</param>
        /// <param name="dropout">Probability to drop an attention weight in training.</param>
        /// <param name="bias">Whether the projections have biases.</param>
        /// <param name="add_bias_kv">Whether one trained key and value is appended.</param>
        /// <param name="add_zero_attn">Whether a key and value of zeros is appended.</param>
        /// <param name="kdim">Width of keys; E when null.</param>
        /// <param name="vdim">Width of values; E when null.</param>
        public static MultiheadAttention MultiheadAttention(long embedded_dim, long num_heads, double dropout = 0.0, bool bias = true, bool add_bias_kv = false,
            bool add_zero_attn = false, long? kdim = null, long? vdim = null)
            => new(embedded_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim ?? embedded_dim, vdim ?? embedded_dim);
    }
}
