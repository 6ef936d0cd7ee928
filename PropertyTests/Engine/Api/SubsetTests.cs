using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using TorchSharp;
using Xunit;

namespace Hybrid.PropertyTests.Engine.Api;

/// <summary>The public surface under TorchSharp's namespaces is a subset of the package's: a program written against ours binds to theirs.</summary>
public sealed class SubsetTests
{
    private static readonly Dictionary<string, HashSet<string>> s_reference = [];

    [Fact]
    public void EveryPublicMember_ExistsInTorchSharp()
    {
        var path = Path.Combine(RepositoryRoot(), "..", "shared", "reference", "torchsharp-0.107-api.txt");
        if (!File.Exists(path))
        {
            Assert.Skip($"the list of TorchSharp's members is absent: {path}");
        }

        foreach (var line in File.ReadLines(path).Where(l => l.Contains(" :: ", StringComparison.Ordinal)))
        {
            Known(line).Add(Normal(line));
        }

        var extra = new List<string>();
        var count = 0;
        foreach (var type in typeof(torch).Assembly.GetExportedTypes().Where(t => t.Namespace!.StartsWith("TorchSharp", StringComparison.Ordinal)))
        {
            foreach (var line in MemberText.Of(type))
            {
                count++;
                if (!Known(line).Contains(Normal(line)))
                {
                    extra.Add(line);
                }
            }
        }

        Assert.True(count > 1500, $"expected to compare more than 1500 members, found {count}");
        Assert.True(extra.Count == 0, $"{extra.Count} of {count} members are not in TorchSharp 0.107.0; fix them or move them to namespace Hybrid.Torch:\n" + string.Join("\n", extra));
    }

    [Theory]
    [InlineData("TorchSharp.torch.Tensor :: Tensor add(Tensor target, Scalar alpha)")]
    [InlineData("TorchSharp.torch.Tensor :: (Tensor,Tensor) max(long dim, bool keepdim=false)")]
    [InlineData("TorchSharp.torch.Tensor :: Tensor TensorItems[params TensorIndex[] indices] { get; set; }")]
    [InlineData("TorchSharp.torch.Tensor :: static Tensor op_Multiply(Tensor left, double right)")]
    [InlineData("TorchSharp.torch.Tensor :: protected virtual void Dispose(bool disposing)")]
    [InlineData("TorchSharp.torch.Tensor :: TYPE class : object")]
    public void Members_AreWrittenAsInTheList(string line) => Assert.Contains(line, MemberText.Of(typeof(torch.Tensor)));

    private static HashSet<string> Known(string line)
    {
        var owner = line[..line.IndexOf(" :: ", StringComparison.Ordinal)];
        return s_reference.TryGetValue(owner, out var known) ? known : s_reference[owner] = [];
    }

    // The list names a type's interfaces, of which ours may implement fewer.
    private static string Normal(string line) => Regex.Replace(line, @"( :: TYPE [^\[]*?)\s*(\[.*\])?$", "$1").TrimEnd();

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hybrid.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} holds Hybrid.sln");
    }
}
