using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Models.Networks;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Weights;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.PropertyTests.Compiler.Running;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using Pixels = Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>;

namespace Hybrid.PropertyTests.Systems.LensFinding;

/// <summary>Weights that others published, in networks of this library.</summary>
[Collection(nameof(Tensors))]
public sealed class PublishedWeightTests
{
    private const string Python = "/usr/bin/python3";

    private static readonly Dictionary<string, Func<nn.Module<Tensor, Tensor>>> _networks = new()
    {
        ["resnet18"] = () => new ResNet18(), ["resnet34"] = () => new ResNet34(), ["resnet34d"] = () => new ResNet34d(),
        ["densenet121"] = () => new DenseNet121(), ["efficientnet_b2"] = () => new EfficientNetB2(),
    };

    private static string Here(params string[] parts) => Repository.Path(["PropertyTests", "Systems", "LensFinding", .. parts]);

    private static Dictionary<string, string> Listed(string name)
        => File.ReadLines(Here("PublishedKeys", $"{name}.txt")).Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => parts.Length > 1 ? parts[1] : "");

    /// <summary>The keys and shapes of a network by a table of names.</summary>
    private static Dictionary<string, string> Named(string architecture, PublishedNames names)
    {
        using var network = _networks[architecture]();
        var layers = network.GetType().GetCustomAttributes(false).OfType<NetworkContractAttribute>().Single().Keys.Split(' ');
        string[] theirs = [.. names.Layers, names.Classifier];
        Assert.Equal(theirs.Length, layers.Length);
        return network.state_dict().ToDictionary(
            entry =>
            {
                var place = Array.FindIndex(layers, layer => entry.Key.StartsWith(layer + ".", StringComparison.Ordinal));
                return names.KeyOf(theirs[place], entry.Key[(layers[place].Length + 1)..]);
            },
            entry => string.Join(",", entry.Value.shape));
    }

    [Theory]
    [InlineData("torchvision-resnet18", "resnet18", "torchvision 0.15 and timm 0.9")]
    [InlineData("torchvision-resnet34", "resnet34", "torchvision 0.15 and timm 0.9")]
    [InlineData("timm-resnet34d", "resnet34d", "timm 0.9")]
    [InlineData("torchvision-densenet121", "densenet121", "torchvision 0.15 and timm 0.9")]
    [InlineData("torchvision-efficientnet_b2", "efficientnet_b2", "torchvision 0.15")]
    [InlineData("timm-efficientnet_b2", "efficientnet_b2", "timm 0.9")]
    public void Tables_NameEveryKeyOfTheLibrary_WithItsShape(string list, string architecture, string library)
    {
        var named = Named(architecture, PublishedNames.Of(architecture).Single(names => names.Library == library));
        var listed = Listed(list);
        Assert.Equal(listed.Keys.Order(StringComparer.Ordinal), named.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, shape) in listed) Assert.True(named[key] == shape, $"{key}: {shape} in the library, {named[key]} here");
    }

    /// <summary>torchvision renames the keys of its own files of 2017 by this expression (densenet.py, _load_state_dict).</summary>
    [Fact]
    public void DenseNetsOldNames_AreThoseThatTorchvisionRenames()
    {
        var pattern = new Regex(@"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$");
        var old = Named("densenet121", PublishedNames.Of("densenet121")[1]).Keys
            .Where(key => !key.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        var renamed = old.Select(key => pattern.Replace(key, "$1$2")).Order(StringComparer.Ordinal);
        var now = Listed("torchvision-densenet121").Keys.Where(key => !key.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        Assert.Equal(now.Order(StringComparer.Ordinal), renamed);
    }

    [Fact]
    public void NetworksFilledFromAFile_AnswerAsPlainPyTorchDoes()
    {
        const string Torch = "/usr/lib/python3/dist-packages/torch/__init__.py";
        Assert.SkipUnless(File.Exists(Python) && File.Exists(Torch), "Debian's python3-torch is not here");
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(8);
        var image = randn(2, 3, 64, 64);
        File.WriteAllBytes(folder.At("image"), image.bytes.ToArray());
        string[] names = ["torchvision-resnet18", "timm-resnet34d", "torchvision-densenet121", "torchvision-efficientnet_b2",
            "timm-efficientnet_b2"];
        using (var python = Process.Start(
            new ProcessStartInfo(Python, [Here("published_networks.py"), folder.At("image"), folder.At("."), .. names])
            {
                RedirectStandardError = true,
            })!)
        {
            var errors = python.StandardError.ReadToEnd();
            python.WaitForExit();
            Assert.True(python.ExitCode == 0, errors);
        }
        foreach (var name in names)
        {
            var architecture = name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..];
            using var network = _networks[architecture]();
            var report = PublishedWeights.Load(network, architecture, folder.At($"{name}.pth"));
            Assert.True(report.HasClassifier, $"{report}");
            Assert.Contains(name[..name.IndexOf('-', StringComparison.Ordinal)], report.Names.Library, StringComparison.Ordinal);
            network.eval();
            var expected = tensor(
                System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder.At($"{name}.logits"))).ToArray(),
                [2, 1000]);
            var difference = (network.forward(image) - expected).abs().max().ToDouble();
            var scale = expected.abs().max().ToDouble();
            Assert.True(difference < 1e-4 * scale, $"{name}: logits differ by {difference}, the largest is {scale}");
        }
    }

    /// <summary>Drawn weights under a library's names, below other keys, as a training saves them.</summary>
    private static void Publish(string path, string architecture, int names, string before)
    {
        using var network = _networks[architecture]();
        var table = PublishedNames.Of(architecture)[names];
        var layers = network.GetType().GetCustomAttributes(false).OfType<NetworkContractAttribute>().Single().Keys.Split(' ');
        string[] theirs = [.. table.Layers, table.Classifier];
        Safetensors.Save(path, network.state_dict().ToDictionary(
            entry =>
            {
                var place = Array.FindIndex(layers, layer => entry.Key.StartsWith(layer + ".", StringComparison.Ordinal));
                return before + table.KeyOf(theirs[place], entry.Key[(layers[place].Length + 1)..]);
            },
            entry => entry.Value));
    }

    [Fact]
    public void AStemForOtherBands_GivesAGreyImageWhatItGaveInAllBands()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(9);
        Publish(folder.At("w.safetensors"), "resnet18", 0, "state_dict.module.");
        var grey = rand(2, 1, 40, 40);
        var maps = new List<Tensor>();
        foreach (var bands in new[] { 3, 1, 2, 5 })
        {
            using var classifier = LensBackbones.Create(LensBackbones.Named("resnet18"), bands, 40);
            var report = LensBackbones.LoadPublished(LensBackbones.Named("resnet18"), classifier, folder.At("w.safetensors"));
            var words = bands switch
            {
                3 => "", 1 => ", the stem's 3 channels summed into one", _ => $", the stem's 3 channels repeated for {bands}",
            };
            Assert.Equal(
                $"w.safetensors: 100 tensors of resnet18 by the names of torchvision 0.15 and timm 0.9{words}, its classifier left out",
                $"{report}");
            // The head is drawn by itself; the stem is the first convolution.
            var stem = classifier.Encoder.state_dict().First().Value;
            Assert.Equal([64, bands, 7, 7], stem.shape);
            maps.Add(nn.functional.conv2d(grey.expand(-1, bands, -1, -1), stem, strides: [2, 2], padding: [3, 3]));
        }
        // Repeated channels weigh 2, 1 (of two), 2, 2, 1 (of five): the sum is that of all only for equal channels.
        Assert.True((maps[1] - maps[0]).abs().max().ToDouble() < 1e-4, "one band");
        var filters = rand(4, 3, 3, 3);
        var alike = filters.narrow(1, 0, 1).expand(-1, 3, -1, -1);
        foreach (var bands in new[] { 1, 2, 4, 5, 7 })
        {
            var difference = (PublishedWeights.ForChannels(alike, bands).sum(1) - alike.sum(1)).abs().max().ToDouble();
            Assert.True(difference < 1e-5, $"{bands} bands: the sum of the filters changes by {difference}");
        }
    }

    [Fact]
    public void AnotherNetworksFile_IsRefused_AndNothingIsLoaded()
    {
        using var folder = new TemporaryFolder();
        Publish(folder.At("resnet34.safetensors"), "resnet34", 0, "");
        Publish(folder.At("dense.safetensors"), "densenet121", 1, "");
        using var network = new ResNet18();
        using var before = network.state_dict().Values.First().clone();
        string Refusal(string file) => Assert.Throws<InvalidDataException>(
            () => PublishedWeights.Load(network, "resnet18", folder.At(file))).Message;
        // Eight blocks more, each of two convolutions and two normalisations of five tensors.
        Assert.Matches(
            @"expected the weights of resnet18 and no others, got 96 that it does not have: layer\d\.\d\.\w+\.\w+, .*, …\. "
                + @"It is of another network\.$", Refusal("resnet34.safetensors"));
        var missing = Refusal("dense.safetensors");
        Assert.Contains(
            "expected the weights of resnet18 by the names of torchvision 0.15 and timm 0.9 or Microsoft.ML.DnnImageFeaturizer.ResNet18 "
                + "0.23.1, got 727 tensors, ", missing, StringComparison.Ordinal);
        Assert.Contains("40 are missing by the names of", missing, StringComparison.Ordinal);
        Assert.True(network.state_dict().Values.First().equal(before).all().item<bool>(), "weights changed");
        File.WriteAllText(folder.At("text.pth"), "not weights");
        Assert.Contains("text.pth", Refusal("text.pth"), StringComparison.Ordinal);
        using var dense = new DenseNet121();
        var loaded = PublishedWeights.Load(dense, "densenet121", folder.At("dense.safetensors"));
        Assert.Equal("torchvision's files of 2017", loaded.Names.Library);
        Assert.StartsWith(
            "--weights: expected a backbone with published weights (efficientnet-b2, densenet121, resnet18, resnet34, resnet34d), got vit.",
            Assert.Throws<ArgumentException>(() =>
            {
                using var vit = LensBackbones.Create(LensBackbones.Named("vit"), 1, 16);
                LensBackbones.LoadPublished(LensBackbones.Named("vit"), vit, "x");
            }).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void InitialisersOfAnOnnxFile_AreTheWeightsThatWereExported_AndDamageIsRefused()
    {
        using var folder = new TemporaryFolder();
        using var network = new SmallLensEncoder(bands: 2);
        network.eval();
        OnnxFile.Save(folder.At("n.onnx"), network);
        using (NewDisposeScope())
        {
            var read = OnnxWeights.Load(folder.At("n.onnx"));
            var found = network.state_dict().Count(
                entry => read.TryGetValue(entry.Key, out var tensor) && tensor.equal(entry.Value).all().item<bool>());
            Assert.True(found >= 20, $"{found} tensors of {read.Count} are the network's");
        }
        var bytes = File.ReadAllBytes(folder.At("n.onnx"));
        Prop.ForAll(
            (from place in Gen.Choose(0, bytes.Length - 1)
                from value in Gen.Choose(0, 255)
                from cuts in Gen.Elements(true, false)
                select (place, value, cuts)).ToArbitrary(),
            damage =>
            {
                var changed = damage.cuts ? bytes[..damage.place] : [.. bytes];
                if (!damage.cuts) changed[damage.place] = (byte)damage.value;
                File.WriteAllBytes(folder.At("d.onnx"), changed);
                using var scope = NewDisposeScope();
                try
                {
                    OnnxWeights.Load(folder.At("d.onnx"));
                }
                catch (InvalidDataException failure)
                {
                    Assert.StartsWith($"{folder.At("d.onnx")}: expected an ONNX file, at byte ", failure.Message, StringComparison.Ordinal);
                }
            }).Check(Seeded.Cases(200));
    }

    /// <summary>
    /// NuGet's ImageNet weights: what eight blocks give in onnxruntime, which gives the value in between when it is added to the graph's
    /// results (messages that are written one after another are merged).
    /// </summary>
    [Fact]
    public void TheFeaturizersResNet18_GivesTheFeaturesThatOnnxRuntimeGives()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var file = Path.Combine(
            packages, "microsoft.ml.dnnimagefeaturizer.resnet18", "0.23.1", "tools", "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");
        Assert.SkipUnless(File.Exists(file), $"{file} is not here: docs/systems/lens-finding.md says how to get it");
        using var folder = new TemporaryFolder();
        const string EighthBlock = "ReLU379_Output_0";
        byte[] name = [0x0a, (byte)EighthBlock.Length, .. Encoding.ASCII.GetBytes(EighthBlock)]; // ValueInfoProto.name = 1
        byte[] output = [0x62, (byte)name.Length, .. name];                                       // GraphProto.output = 12
        byte[] graph = [0x3a, (byte)output.Length, .. output];                                    // ModelProto.graph = 7
        File.WriteAllBytes(folder.At("e.onnx"), [.. File.ReadAllBytes(file), .. graph]);

        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(10);
        var image = randn(1, 3, 224, 224);
        using var session = new InferenceSession(folder.At("e.onnx"));
        var input = session.InputMetadata.Single(entry => entry.Value.Dimensions.Length >= 3);
        var pixels = new Pixels(image.data<float>().ToArray(), [.. input.Value.Dimensions.Select(Math.Abs)]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(input.Key, pixels)], [EighthBlock]);
        var map = tensor(results[0].AsEnumerable<float>().ToArray(), [1, 512, 7, 7]);

        var backbone = LensBackbones.Named("resnet18");
        using var classifier = LensBackbones.Create(backbone, 3, 224);
        var report = LensBackbones.LoadPublished(backbone, classifier, file);
        Assert.Equal(100, report.Tensors);
        classifier.Module.eval();
        // The head is the encoder's own: its linear layer and slopes after the mean over the map.
        var state = classifier.Encoder.state_dict();
        var linear = state.Single(entry => entry.Value.dim() == 2).Key;
        var (weight, bias) = (state[linear], state[linear.Replace(".weight", ".bias", StringComparison.Ordinal)]);
        var slope = state.Single(entry => entry.Value.numel() == 1 && entry.Value.dtype == ScalarType.Float32).Value;
        var expected = nn.functional.linear(map.mean([2L, 3L]), weight, bias);
        expected = where(expected > 0, expected, expected * slope);
        var difference = (classifier.Encoder.forward(image) - expected).abs().max().ToDouble();
        var scale = expected.abs().max().ToDouble();
        Assert.True(difference < 1e-4 * scale, $"features differ by {difference}, the largest is {scale}");
    }

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-weights-");

        public string At(string name) => Path.Combine(_folder.FullName, name);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
