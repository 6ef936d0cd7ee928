using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A list of parameters that count as the owner's; keys are the indices.</summary>
public class ParameterList : nn.Module, IList<Parameter>
{
    private readonly List<Parameter> _list = [];

    public ParameterList(params Parameter[] parameters) : base(nameof(ParameterList))
    {
        extend(parameters);
    }

    public int Count => _list.Count;

    public bool IsReadOnly => false;

    public Parameter this[int index]
    {
        get => _list[index];
        set
        {
            _list[index] = value;
            Renumber();
        }
    }

    public void Add(Parameter item) => extend([item]);

    public void append(params Parameter[] parameters) => extend(parameters);

    public void extend(IEnumerable<Parameter> parameters)
    {
        _list.AddRange(parameters);
        Renumber();
    }

    public void Insert(int index, Parameter item)
    {
        _list.Insert(index, item);
        Renumber();
    }

    public void RemoveAt(int index)
    {
        _list.RemoveAt(index);
        Renumber();
    }

    public bool Remove(Parameter item)
    {
        var index = IndexOf(item);
        if (index < 0) return false;
        RemoveAt(index);
        return true;
    }

    public void Clear()
    {
        _list.Clear();
        Renumber();
    }

    public bool Contains(Parameter item) => IndexOf(item) >= 0;

    public int IndexOf(Parameter item) => _list.FindIndex(p => ReferenceEquals(p, item));

    public void CopyTo(Parameter[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

    public IEnumerator<Parameter> GetEnumerator() => _list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents() => Renumber();

    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        base._toEpilog(dtype, device, non_blocking);
        for (var i = 0; i < _list.Count; i++) _list[i] = get_parameter(Key(i))!;
    }

    private static string Key(int index) => index.ToString(CultureInfo.InvariantCulture);

    private void Renumber()
    {
        foreach (var (name, _) in named_parameters(false).ToArray()) ConditionallyRegisterParameter(name, null);
        for (var i = 0; i < _list.Count; i++)
        {
            ConditionallyRegisterParameter(Key(i),
                _list[i] ?? throw new ArgumentNullException(nameof(_list), $"ParameterList: the parameter at index {i} is null."));
        }
    }
}
