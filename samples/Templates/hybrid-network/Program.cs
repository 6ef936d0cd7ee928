using Hybrid.Models.Engine;
using Hybrid.Models.Weights;
using HybridNetwork1;
using TorchSharp;
using static TorchSharp.torch;

EngineSettings.Apply();                            // before the first tensor: faster products on AMD, memory that is kept
manual_seed(1);
var (points, kinds) = Moons(1000);
var (unseenPoints, unseenKinds) = Moons(1000);

using var network = new Classifier(hidden: 32);
using var optimiser = optim.Adam(network.parameters(), lr: 1e-2);

for (var step = 1; step <= 300; step++)
{
    using var scope = NewDisposeScope();           // frees the step's tensors
    optimiser.zero_grad();
    var loss = ClassifierLoss.Value(network.forward(points), kinds);
    loss.backward();
    optimiser.step();
    if (step % 100 == 0) Console.WriteLine($"step {step}  loss {loss.ToDouble():0.0000}");
}

network.eval();
using (no_grad())
{
    var accuracy = network.forward(unseenPoints).argmax(1).eq(unseenKinds).to(ScalarType.Float32).mean().ToDouble();
    Console.WriteLine($"accuracy on unseen points {accuracy:0.000}");
}
WeightFile.Save(network, "classifier.safetensors");

// Two interleaved half circles with noise: points (n, 2), kinds (n) of 0 and 1.
static (Tensor Points, Tensor Kinds) Moons(int n)
{
    var kinds = randint(0, 2, [n], ScalarType.Int64);
    var angle = rand(n) * Math.PI;
    var sign = 1 - (2 * kinds);
    var x = (angle.cos() * sign) + kinds;
    var y = (angle.sin() * sign) + (0.5 * kinds);
    return (stack([x, y], 1) + (randn(n, 2) * 0.1), kinds);
}
