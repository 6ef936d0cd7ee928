using Hybrid.Torch;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

internal static partial class RecurrentOperations
{
    [Aten("lstm.input")] public static partial (Tensor, Tensor, Tensor) lstm(Tensor input, Tensor[] hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional, bool batch_first);
    [Aten("gru.input")] public static partial (Tensor, Tensor) gru(Tensor input, Tensor hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional, bool batch_first);
    [Aten("rnn_tanh.input")] public static partial (Tensor, Tensor) rnn_tanh(Tensor input, Tensor hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional, bool batch_first);
    [Aten("rnn_relu.input")] public static partial (Tensor, Tensor) rnn_relu(Tensor input, Tensor hx, Tensor[] @params, bool has_biases, long num_layers, double dropout, bool train, bool bidirectional, bool batch_first);
}
