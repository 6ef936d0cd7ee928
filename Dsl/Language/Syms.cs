using System.Collections.Generic;
using Hybrid.Graphs;

namespace Hybrid;

/// <summary>
/// Several tensors that one operation gives. <c>var (query, key, value) = x.Chunk(3);</c> takes them apart, as many names as there are;
/// <c>parts[0]</c> is one of them.
/// </summary>
public sealed class Syms
{
    private readonly IReadOnlyList<Sym> _items;

    internal Syms(IReadOnlyList<Sym> items) => _items = items;

    public int Count => _items.Count;

    public Sym this[int index]
        => index >= 0 && index < _items.Count
            ? _items[index]
            : throw Refused($"Index {index} is out of range ({Plural.Of(_items.Count, "element")}).");

    public void Deconstruct(out Sym first, out Sym second) => (first, second) = (Of(0, 2), _items[1]);

    public void Deconstruct(out Sym first, out Sym second, out Sym third) => (first, second, third) = (Of(0, 3), _items[1], _items[2]);

    public void Deconstruct(out Sym first, out Sym second, out Sym third, out Sym fourth)
        => (first, second, third, fourth) = (Of(0, 4), _items[1], _items[2], _items[3]);

    public void Deconstruct(out Sym first, out Sym second, out Sym third, out Sym fourth, out Sym fifth)
        => (first, second, third, fourth, fifth) = (Of(0, 5), _items[1], _items[2], _items[3], _items[4]);

    public void Deconstruct(out Sym first, out Sym second, out Sym third, out Sym fourth, out Sym fifth, out Sym sixth)
        => (first, second, third, fourth, fifth, sixth) = (Of(0, 6), _items[1], _items[2], _items[3], _items[4], _items[5]);

    private Sym Of(int index, int names)
        => names == _items.Count
            ? _items[index]
            : throw Refused(
                $"{Plural.Of(names, "name")} cannot take a tuple of {_items.Count}. Use as many names as the tuple has elements.");

    private static SpecException Refused(string message) => new(new Fault("HYB4004", message, Origin.None));
}
