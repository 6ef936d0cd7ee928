using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Hybrid.Graphs;
using Hybrid.Rules;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl.Rules;

/// <summary>A rule's signature is what the reader of syntax binds to, the method what the compiler binds to: they must be one.</summary>
public class SignatureTests
{
    /// <summary>All but the operators, and the two that exist as layers only: whole networks and hand-written modules.</summary>
    public static TheoryData<string> Methods
        => [.. RuleTable.All.Where(rule => !rule.HoldsLayer).Select(rule => rule.Name).Where(name => char.IsLetter(name[0]))];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Signature_IsTheMethods(string name)
    {
        var rule = RuleTable.Find(name)!;
        // What does not extend its first tensor is called on the type: Sym.Parameter, Sym.Where.
        var methods = new[] { typeof(Operations), typeof(Sym) }
            .SelectMany(owner => owner.GetMethods(BindingFlags.Static | BindingFlags.Public))
            .Where(method => method.Name == name)
            .ToList();
        Assert.True(methods.Count == 1, $"{name} has {methods.Count} methods in Operations and Sym; one is expected");
        Compare(rule, rule.Signature.Parameters.ToList(), methods[0].GetParameters());
    }

    [Fact]
    public void LayerMethods_AreTheSignaturesWithoutTensors()
    {
        var methods = typeof(Layer)
            .GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Where(method => !method.IsGenericMethod && method.Name != "Of")
            .ToList();
        Assert.NotEmpty(methods);
        foreach (var method in methods)
        {
            var rule = RuleTable.Find(method.Name);
            Assert.True(rule is not null, $"Layer.{method.Name} has no rule");
            Compare(rule!, rule!.Signature.Parameters.Where(parameter => !parameter.IsTensor).ToList(), method.GetParameters());
        }
        // Every operation that takes a key has weights, so it can be shared; a learned tensor is shared by using it twice.
        var keyed = RuleTable.All.Where(
            rule => rule.Signature["key"] is not null
                && rule.Signature.TensorParameters.Any()
                && !rule.HoldsLayer).Select(rule => rule.Name).OrderBy(name => name, StringComparer.Ordinal);
        Assert.Equal(keyed, methods.Select(method => method.Name).OrderBy(name => name, StringComparer.Ordinal));
    }

    /// <summary>
    /// The overloads of <see cref="Layer"/> are written by hand: names, order, types and defaults are those of the method that states them.
    /// </summary>
    [Fact]
    public void LayerMethods_AreTheExtensionMethodsWithoutTensors()
    {
        foreach (
            var method in typeof(Layer)
                .GetMethods(BindingFlags.Static | BindingFlags.Public)
                .Where(method => !method.IsGenericMethod && method.Name != "Of"))
        {
            var stated = typeof(Operations)
                .GetMethod(method.Name)!.GetParameters()
                .Where(parameter => parameter.ParameterType != typeof(Sym));
            Assert.Equal(stated.Select(Written), method.GetParameters().Select(Written));
        }

        static string Written(ParameterInfo parameter)
            => $"{parameter.ParameterType} "
                + $"{parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : "")}";
    }

    /// <summary>What a C# type does not decide is said by an attribute: here is all of it.</summary>
    [Fact]
    public void Sizes_AreTheIntegersThatMayDependOnAParam()
        => Assert.Equal(
            [
                "BatchNorm.features",
                "Conv1d.channels", "Conv1d.inputs",
                "Conv2d.channels", "Conv2d.inputs",
                "Conv3d.channels", "Conv3d.inputs",
                "ConvTranspose1d.channels", "ConvTranspose1d.inputs",
                "ConvTranspose2d.channels", "ConvTranspose2d.inputs",
                "ConvTranspose3d.channels", "ConvTranspose3d.inputs",
                "Embedding.count", "Embedding.width",
                "GroupConv2d.fields",
                "Gru.hidden",
                "LiftConv2d.fields",
                "Linear.outputs", "Linear.inputs",
                "Lstm.hidden",
                "OneHot.count",
                "SqueezeExcite.hidden",
            ],
            RuleTable.All.SelectMany(
                rule => rule.Signature.Parameters.Where(parameter => parameter.Kind == ParameterKind.Size)
                    .Select(parameter => $"{rule.Name}.{parameter.Name}")));

    [Fact]
    public void Extents_MeanTheirOperationsDefaults()
        => Assert.Equal(
            [
                "AvgPool2d.stride = ", "AvgPool2d.pad = 0",
                "AvgPool3d.stride = ", "AvgPool3d.pad = 0",
                "BlurPool2d.stride = 2",
                "Conv2d.stride = 1", "Conv2d.pad = 0", "Conv2d.dilation = 1",
                "Conv3d.stride = 1", "Conv3d.pad = 0", "Conv3d.dilation = 1",
                "ConvTranspose2d.stride = 1", "ConvTranspose2d.pad = 0", "ConvTranspose2d.outputPad = 0", "ConvTranspose2d.dilation = 1",
                "ConvTranspose3d.stride = 1", "ConvTranspose3d.pad = 0", "ConvTranspose3d.outputPad = 0", "ConvTranspose3d.dilation = 1",
                "MaxPool2d.stride = ", "MaxPool2d.pad = 0",
                "MaxPool3d.stride = ", "MaxPool3d.pad = 0",
                "Pad.after = ",
            ],
            RuleTable.All.SelectMany(rule => rule.Signature.Parameters
                .Where(parameter => parameter is { Kind: ParameterKind.Extent or ParameterKind.Extent3, Default: not null })
                .Select(
                    parameter => $"{rule.Name}.{parameter.Name} = "
                        + $"{(parameter.Default is Argument.Missing ? "" : string.Join(", ", parameter.Default!.Along.Distinct()))}")));

    private static void Compare(Rule rule, List<Parameter> parameters, ParameterInfo[] method)
    {
        Assert.Equal(method.Select(parameter => parameter.Name), parameters.Select(parameter => parameter.Name));
        foreach (var (parameter, declared) in parameters.Zip(method))
        {
            var type = Nullable.GetUnderlyingType(declared.ParameterType) ?? declared.ParameterType;
            var kinds = type == typeof(Sym) ? new[] { ParameterKind.Tensor, ParameterKind.OptionalTensor }
                : type == typeof(Operand) ? [ParameterKind.Operand]
                : type == typeof(int) ? [ParameterKind.Size, ParameterKind.Integer]
                : type == typeof(int[]) ? [ParameterKind.Integers]
                : type == typeof(bool) ? [ParameterKind.Flag]
                : type == typeof(double) ? [ParameterKind.Real]
                : type == typeof(string) ? [ParameterKind.Text, ParameterKind.Shape]
                : type == typeof(Extent) ? [ParameterKind.Extent]
                : type == typeof(Extent3) ? [ParameterKind.Extent3]
                : type == typeof(Axes) ? [ParameterKind.Axes]
                : type == typeof(Init) ? [ParameterKind.Init]
                : type.IsEnum ? [ParameterKind.Choice]
                : [];
            Assert.True(
                kinds.Contains(parameter.Kind),
                $"{rule.Name}: '{parameter.Name}' is a {type.Name} in C# and a {parameter.Kind} in the signature");
            if (parameter.Kind is ParameterKind.Tensor or ParameterKind.Operand or ParameterKind.Integers) continue;
            var optional = parameter.Default is not null || parameter.Kind == ParameterKind.OptionalTensor;
            Assert.True(
                declared.HasDefaultValue == optional,
                $"{rule.Name}: '{parameter.Name}' is {(declared.HasDefaultValue ? "optional" : "required")} in C#, the signature says "
                    + "otherwise");
            // A struct's default, and null, mean "not given": the signature's default holds then.
            if (!optional
                || declared.DefaultValue is null
                || type == typeof(Extent)
                || type == typeof(Extent3)
                || type == typeof(Init)
                || type == typeof(Axes))
            {
                continue;
            }
            var value = declared.DefaultValue switch
            {
                bool flag => (Argument)new Argument.Flag(flag),
                int number => new Argument.Size(number),
                double number => new Argument.Real(number),
                string text => new Argument.Text(text),
                Enum choice => new Argument.Choice(choice.GetType().Name, choice.ToString()),
                var other => throw new InvalidOperationException(
                    $"{rule.Name}: '{parameter.Name}' has a default of type {other.GetType().Name}"),
            };
            Assert.Equal(value, parameter.Default);
        }
    }

    private static (bool Bound, Binding Binding, Fault? Fault) Bind(string operation, params CallArgument[] arguments)
    {
        var bound = RuleTable.Find(operation)!.Signature.TryBind(arguments, out var binding, out var fault);
        return (bound, binding, fault);
    }

    private static CallArgument Number(int value, string? name = null) => CallArgument.Of(new Argument.Size(value), new Origin(1), name);

    private static CallArgument Tensor() => CallArgument.Of(new Value(0, Shape.Of(1), "x", Origin.None), new Origin(0));

    [Fact]
    public void PositionalAndNamedArguments_BindAlike()
    {
        var positional = Bind("Conv2d", Tensor(), Number(8), Number(3), Number(2)).Binding;
        var named = Bind("Conv2d", Tensor(), Number(2, "stride"), Number(3, "k"), Number(8, "channels")).Binding;
        Assert.Equal(positional.Arguments, named.Arguments);
        Assert.Equal(new Argument.Pair(2, 2), positional.Arguments[2]);
        Assert.Equal(new Argument.Pair(0, 0), positional.Arguments[3]);
    }

    /// <summary>C# lets positions continue after a name in its own position: <c>x.Conv2d(8, k: 3, 2)</c>.</summary>
    [Fact]
    public void PositionsGoOnBehindANameInItsPlace()
        => Assert.Equal(
            Bind("Conv2d", Tensor(), Number(8), Number(3), Number(2)).Binding.Arguments,
            Bind("Conv2d", Tensor(), Number(8), Number(3, "k"), Number(2)).Binding.Arguments);

    [Fact]
    public void ATuple_IsAPairWhereOneIsTaken()
        => Assert.Equal(
            new Argument.Pair(3, 5),
            Bind("Conv2d", Tensor(), Number(8), CallArgument.Of(new Argument.Integers(EquatableArray.Of(3, 5)))).Binding.Arguments[1]);

    [Fact]
    public void WhatDoesNotBind_SaysWhatTheOperationTakes()
    {
        Assert.Equal("Linear needs 'outputs'.", Bind("Linear", Tensor()).Fault!.Text);
        Assert.Equal(
            "Linear has no parameter 'features'; it has x, outputs, bias, weightInit, biasInit, inputs, key.",
            Bind("Linear", Tensor(), Number(3, "features")).Fault!.Text);
        Assert.Equal("Linear: 'outputs' is given twice.", Bind("Linear", Tensor(), Number(3), Number(4, "outputs")).Fault!.Text);
        Assert.Equal("Linear: 'bias' takes true or false, 1 is given.", Bind("Linear", Tensor(), Number(3), Number(1)).Fault!.Text);
        Assert.Equal("Relu takes 1 argument, got 2; it has x.", Bind("Relu", Tensor(), Number(3)).Fault!.Text);
        Assert.Equal(
            "Conv2d: 'channels' is decided when compiling, a tensor is given.", Bind("Conv2d", Tensor(), Tensor(), Number(3)).Fault!.Text);
        Assert.Equal("HYB4004", Bind("Linear", Tensor()).Fault!.Id);
    }
}
