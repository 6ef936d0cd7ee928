using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>
/// A PyTorch file (<c>torch.save</c> since version 1.6: <c>.pth</c>, <c>.pt</c>, <c>.ckpt</c>) with its tensors on the CPU. Nothing of it
/// is run: it may hold dictionaries, lists, tuples, numbers, texts and tensors, and any other Python name in it is refused.
/// </summary>
/// <example><code>
/// using var file = PthFile.Load("models.pth");
/// var report = PartialLoading.Load(network, file.Root["0.0"].Tensors);
/// </code></example>
public sealed class PthFile : IDisposable
{
    private readonly List<Tensor> _owned;

    private PthFile(PthNode root, List<Tensor> owned) => (Root, _owned) = (root, owned);

    /// <summary>What was saved. Its tensors live until this object is disposed.</summary>
    public PthNode Root { get; }

    /// <summary>Reads a file. Tensors that shared memory in Python share it here: writing to one changes the other.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is damaged, of the format before PyTorch 1.6, a TorchScript program, or holds other things
    /// than tensors and containers.</exception>
    public static PthFile Load(string path)
    {
        using var reader = new PthReader(path);
        var owned = new List<Tensor>();
        var storages = new Dictionary<PthStorage, Tensor>();
        var bytes = 0L;
        try
        {
            return new PthFile(Node(reader.Value, null, ""), owned);
        }
        catch
        {
            foreach (var tensor in owned) tensor.Dispose();
            throw;
        }

        PthNode Node(object? value, PthNode? parent, string key)
        {
            if (value is PthTensor tensor) return new PthNode(parent, key, Own(View(tensor)));
            if (value is not (PthDictionary or PthList)) return new PthNode(parent, key, value);
            var container = new PthNode(parent, key, null);
            container.Hold(value is PthDictionary dictionary
                ? dictionary.Entries.Select(entry => Node(entry.Value, container, Key(entry.Key)))
                : ((PthList)value).Items.Select((item, i) => Node(item, container, i.ToString(CultureInfo.InvariantCulture))));
            return container;
        }

        Tensor View(PthTensor tensor)
        {
            if (!storages.TryGetValue(tensor.Storage, out var storage))
            {
                bytes += tensor.Storage.Count * tensor.Storage.ElementSize;
                Contents.RequireMemory(path, bytes);
                storages.Add(tensor.Storage, storage = Own(ReadStorage(path, reader, tensor.Storage)));
            }
            // Of a tensor without elements, place and strides mean nothing, whatever they are.
            if (tensor.Shape.Contains(0)) return empty(tensor.Shape, storage.dtype);
            // as_strided takes no stride of 0: an axis that repeats its values is one value, expanded.
            var sizes = tensor.Shape.Zip(tensor.Strides, (size, stride) => stride == 0 ? Math.Min(size, 1) : size).ToArray();
            using var view = storage.as_strided(sizes, tensor.Strides.Select(stride => Math.Max(stride, 1)).ToArray(), tensor.Offset);
            return view.expand(tensor.Shape);
        }

        Tensor Own(Tensor tensor)
        {
            owned.Add(tensor.DetachFromDisposeScope());
            return tensor;
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _owned) tensor.Dispose();
    }

    private static string Key(object key) => key switch
    {
        string text => text,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => key.ToString()!,
    };

    private static Tensor ReadStorage(string path, PthReader reader, PthStorage storage)
    {
        var tensor = empty([storage.Count], Dtype(storage.Element));
        try
        {
            using var content = reader.Open(storage);
            foreach (var part in Pieces.Of(tensor))
            {
                content.Read(part.bytes);
                Contents.RequireTruth(path, $"storage '{storage.Key}'", part);
            }
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    private static ScalarType Dtype(PthElement element) => element switch
    {
        PthElement.Float64 => ScalarType.Float64,
        PthElement.Float32 => ScalarType.Float32,
        PthElement.Float16 => ScalarType.Float16,
        PthElement.BFloat16 => ScalarType.BFloat16,
        PthElement.Int64 => ScalarType.Int64,
        PthElement.Int32 => ScalarType.Int32,
        PthElement.Int16 => ScalarType.Int16,
        PthElement.Int8 => ScalarType.Int8,
        PthElement.UInt8 => ScalarType.Byte,
        PthElement.Bool => ScalarType.Bool,
        PthElement.ComplexFloat32 => ScalarType.ComplexFloat32,
        PthElement.ComplexFloat64 => ScalarType.ComplexFloat64,
        _ => throw new ArgumentOutOfRangeException(nameof(element), element, null),
    };
}

/// <summary>
/// A part of what a PyTorch file holds: a dictionary, list or tuple with children, or a tensor, number, text, truth value or nothing.
/// </summary>
public sealed class PthNode
{
    /// <summary>A key is no longer than the file, but keys joined along paths could be longer than all memory.</summary>
    private const long MostCharacters = 50_000_000;

    private readonly PthNode? _parent;
    private readonly string _key;
    private PthNode[]? _children;
    private Dictionary<string, PthNode>? _byKey;
    private IReadOnlyDictionary<string, Tensor>? _tensors;

    internal PthNode(PthNode? parent, string key, object? value) => (_parent, _key, Value) = (parent, key, value);

    internal void Hold(IEnumerable<PthNode> children)
    {
        (_children, _byKey) = (children.ToArray(), new());
        foreach (var child in _children) _byKey.TryAdd(child._key, child); // 1 and "1" are two keys in Python: the first is found
    }

    /// <summary>Whether this is a dictionary, list or tuple.</summary>
    public bool IsContainer => _children is not null;

    /// <summary>
    /// A <see cref="Tensor"/>, <see cref="long"/>, <see cref="System.Numerics.BigInteger"/>, <see cref="double"/>, <see cref="bool"/>,
    /// <see cref="string"/>, byte array, or null (None, or a container).
    /// </summary>
    public object? Value { get; }

    /// <summary>Keys of a dictionary in the file's order, or the numbers of a list's items from 0.</summary>
    public IEnumerable<string> Keys => (_children ?? []).Select(child => child._key);

    /// <summary>A child.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that key; the message lists those there are.</exception>
    public PthNode this[string key] => _byKey is not null && _byKey.TryGetValue(key, out var child)
        ? child
        : throw new KeyNotFoundException(
            $"{(_parent is null ? "The PyTorch file" : $"'{Place()}' of the PyTorch file")}: expected a key '{key}', got {Listed()}.");

    /// <summary>
    /// All tensors here and below, by their keys joined with dots: for a state dictionary its checkpoint keys. A lone tensor has the key
    /// "".
    /// </summary>
    /// <exception cref="InvalidDataException">Two tensors have the same joined key, or the keys are longer than any network's.</exception>
    public IReadOnlyDictionary<string, Tensor> Tensors
    {
        get
        {
            if (_tensors is not null) return _tensors;
            var (found, characters) = (new Dictionary<string, Tensor>(), 0L);
            Collect(this, "", found, ref characters);
            return _tensors = found;
        }
    }

    private static void Collect(PthNode node, string prefix, Dictionary<string, Tensor> found, ref long characters)
    {
        if (node.Value is Tensor tensor && !found.TryAdd(prefix, tensor))
            throw new InvalidDataException(
                $"two tensors of the PyTorch file have the key '{Shortened(prefix)}'. Take the part that is wanted: file.Root[…].Tensors.");
        foreach (var child in node._children ?? [])
        {
            if (child is { IsContainer: false, Value: not Tensor }) continue;
            characters += prefix.Length + child._key.Length + 1;
            if (characters > MostCharacters)
                throw new InvalidDataException(
                    $"the joined keys of the PyTorch file's tensors have more than {MostCharacters} characters: no network has such.");
            Collect(child, prefix.Length == 0 ? child._key : $"{prefix}.{child._key}", found, ref characters);
        }
    }

    private string Place()
    {
        var keys = new Stack<string>();
        for (var node = this; node._parent is not null; node = node._parent) keys.Push(Shortened(node._key));
        return string.Join(".", keys);
    }

    private static string Shortened(string key) => key.Length <= 200 ? key : key[..200] + "…";

    private string Listed() => _children switch
    {
        null => $"a single value ({Value?.GetType().Name ?? "None"})",
        { Length: 0 } => "an empty container",
        _ => string.Join(", ", Keys.Take(20).Select(key => $"'{Shortened(key)}'")) + (
            _children.Length > 20 ? $" and {_children.Length - 20} more" : ""),
    };
}
