using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Hybrid.Models.Weights;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>How a user exports: docs/onnx.md's program, and <c>./hybrid card NAME --save NAME.onnx</c>.</summary>
[Collection(nameof(Tensors))]
public sealed class OnnxFrontDoor : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-export-");

    private string In(string file) => Path.Combine(_folder.FullName, file);

    [Fact]
    public void ThePagesProgram_WritesWhatThePageSays()
    {
        var page = File.ReadAllText(Repository.Path("docs", "onnx.md"));
        string Block(string language) => PageBlocks.Of(page, language)[0];
        var compilation = Specs.Compile(Block("csharp"))
            .AddReferences(new[] { typeof(OnnxFile), typeof(Hybrid.Data.Formats.WholeFile) }.Select(
                type => MetadataReference.CreateFromFile(type.Assembly.Location)));
        Assert.Empty(Specs.Analyze(compilation));
        var assembly = new AssemblyLoadContext("docs", isCollectible: true)
            .LoadFromStream(new MemoryStream(Specs.Emit(Specs.Generate(compilation).Compilation)));
        assembly.GetType("Program")!.GetMethod("Run")!.Invoke(null, [_folder.FullName]);
        Assert.Equal([In("rings.onnx")], Directory.GetFiles(_folder.FullName));

        using var scope = NewDisposeScope();
        using var run = new OnnxRun();
        var type = assembly.GetType("Rings")!;
        run.Add(
            new RunningNetwork(type, Trace.Of(type), new System.Collections.Generic.Dictionary<string, int>(), ScalarType.Float32),
            isExact: false);
        Assert.Empty(run.Compare());
        var signature = run.Signatures["Rings.onnx"];
        Assert.Equal(
            Block("text"),
            $"{string.Join("; ", signature.Inputs.AsEnumerable())} -> {string.Join("; ", signature.Outputs.AsEnumerable())}");
    }

    [Fact]
    public void CardSaves_AnOnnxFileOfTheGivenWeights()
    {
        using var network = new Zoo.MeanVariance(hidden: 9);
        WeightFile.Save(network, In("variance.safetensors"));
        var (code, output, errors) = Card(
            "MeanVariance", "--param", "hidden=9", "--weights", In("variance.safetensors"), "--save", In("variance.onnx"));
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains($"wrote {In("variance.onnx")}", output, StringComparison.Ordinal);
        OnnxFile.Save(In("expected.onnx"), network);
        Assert.Equal(File.ReadAllBytes(In("expected.onnx")), File.ReadAllBytes(In("variance.onnx")));
    }

    [Fact]
    public void CardSays_WhyANetworkCannotBeExported()
    {
        File.WriteAllText(In("composed.onnx"), "there before");
        var (code, _, errors) = Card("Composed", "--save", In("composed.onnx"));
        Assert.Equal(1, code);
        Assert.Equal(
            "card: Hybrid.PropertyTests.Zoo.Composed: the layer 'halver' is Hybrid.PropertyTests.Zoo.Halver, a module written by hand; "
                + "ONNX is translated from specs. Write it as a [Network] and use it by Layer.Of.",
            errors.Trim());
        Assert.Equal("there before", File.ReadAllText(In("composed.onnx")));

        (code, _, errors) = Card("Mlp", "--save", In("nowhere/mlp.onnx"));
        Assert.Equal((1, $"card: --save: there is no folder {In("nowhere")} for mlp.onnx."), (code, errors.Trim()));
        Assert.Equal([In("composed.onnx")], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void CardRefuses_WhatItWouldNotUse()
    {
        Assert.Equal((1, "", "card: --param: Mlp has no [Param] 'width'; it has none."), Trimmed(Card("Mlp", "--param", "width=3")));
        Assert.Equal(
            (1, "", "card: --param: MeanVariance has no [Param] 'widht'; it has hidden."),
            Trimmed(Card("MeanVariance", "--mermaid", "--param", "widht=3")));
        Assert.Equal(
            (1, "", "card: --key: says where the weights are in a file. Give the file too: --weights FILE."),
            Trimmed(Card("Mlp", "--key", "model")));
        using var other = new Zoo.MeanVariance();
        WeightFile.Save(other, In("variance.safetensors"));
        var (code, output, errors) = Card("Mlp", "--weights", In("variance.safetensors"), "--save", In("mlp.dat"));
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith(
            $"card: {In("variance.safetensors")}: expected the weights of Mlp, all of them and no others: 0 tensors fit; 23 missing: ",
            errors, StringComparison.Ordinal);
        Assert.Equal([In("variance.safetensors")], Directory.GetFiles(_folder.FullName));

        static (int, string, string) Trimmed((int Code, string Output, string Errors) card) => (card.Code, card.Output, card.Errors.Trim());
    }

    private static (int Code, string Output, string Errors) Card(params string[] arguments)
    {
        var (before, culture, output, errors) = (
            (Console.Out, Console.Error), CultureInfo.CurrentCulture, new StringWriter(), new StringWriter());
        try
        {
            Console.SetOut(output);
            Console.SetError(errors);
            return (
                (int)Assembly.Load("hybrid-card").EntryPoint!.Invoke(
                    null, [(string[])[.. arguments, "--assembly", typeof(Zoo.Mlp).Assembly.Location]])!,
                output.ToString(), errors.ToString());
        }
        finally
        {
            Console.SetOut(before.Out);
            Console.SetError(before.Error);
            CultureInfo.CurrentCulture = culture;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
