using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Named modules in the order of their insertion, whose state counts as the owner's.</summary>
public class ModuleDict<T> : nn.Module, IDictionary<string, T>, IList<(string, T)> where T : nn.Module
{
    private readonly OrderedDictionary<string, T> _table = new();

    public ModuleDict() : base(nameof(ModuleDict<T>)) { }

    public int Count => _table.Count;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => _table.Keys;

    public ICollection<T> Values => _table.Values;

    public T this[string key]
    {
        get => _table[key];
        set
        {
            _table[key] = value;
            Reregister();
        }
    }

    public (string, T) this[int index]
    {
        get => (_table.GetAt(index).Key, _table.GetAt(index).Value);
        set
        {
            _table.SetAt(index, value.Item1, value.Item2);
            Reregister();
        }
    }

    public IEnumerable<string> keys() => _table.Keys;

    public IEnumerable<T> values() => _table.Values;

    public IEnumerator<(string, T)> items() => GetEnumerator();

    public void Add(string key, T value)
    {
        _table.Add(key, value);
        Reregister();
    }

    public void Add((string, T) item) => Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<string, T> item) => Add(item.Key, item.Value);

    public void Insert(int index, (string, T) item)
    {
        _table.Insert(index, item.Item1, item.Item2);
        Reregister();
    }

    public bool Remove(string key)
    {
        var found = _table.Remove(key);
        Reregister();
        return found;
    }

    public bool Remove((string, T) item) => Contains(item) && Remove(item.Item1);

    public bool Remove(KeyValuePair<string, T> item) => Remove((item.Key, item.Value));

    public void RemoveAt(int index)
    {
        _table.RemoveAt(index);
        Reregister();
    }

    public void Clear()
    {
        _table.Clear();
        Reregister();
    }

    public void clear() => Clear();

    public bool ContainsKey(string key) => _table.ContainsKey(key);

    public bool Contains((string, T) item) => _table.TryGetValue(item.Item1, out var module) && ReferenceEquals(module, item.Item2);

    public bool Contains(KeyValuePair<string, T> item) => Contains((item.Key, item.Value));

    public int IndexOf((string, T) item) => Contains(item) ? _table.IndexOf(item.Item1) : -1;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => _table.TryGetValue(key, out value);

    public void CopyTo((string, T)[] array, int arrayIndex) => this.AsEnumerable<(string, T)>().ToArray().CopyTo(array, arrayIndex);

    public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex) => _table.ToArray().CopyTo(array, arrayIndex);

    public IEnumerator<(string, T)> GetEnumerator()
    {
        foreach (var (key, module) in _table) yield return (key, module);
    }

    IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() => _table.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents() => Reregister();

    private void Reregister()
    {
        ClearModules();
        foreach (var (key, module) in _table)
            register_module(key, module ?? throw new ArgumentNullException(nameof(module), $"ModuleDict: the module '{key}' is null."));
    }
}
