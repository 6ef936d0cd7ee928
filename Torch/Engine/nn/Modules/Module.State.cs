using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>
            /// Keys and tensors of the module's state: parameters, then persistent buffers. The tensors are the module's own, not copies.
            /// A component that is shared appears under each of its keys.
            /// </summary>
            /// <param name="destination">The dictionary to fill; a new one when null.</param>
            /// <param name="prefix">Put before each key with a dot.</param>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= new Dictionary<string, Tensor>();
                string Key(string name) => string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";
                foreach (var (name, parameter) in named_parameters()) destination.TryAdd(Key(name), parameter);
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false)) destination.TryAdd(Key(name), buffer);
                foreach (var (name, child) in named_children()) child.state_dict(destination, Key(name));
                return destination;
            }

            /// <summary>Copies the tensors of <paramref name="source"/> into those of the same key, converting dtype and device.</summary>
            /// <param name="source">Keys and tensors.</param>
            /// <param name="strict">Whether a key that only one side has is an error.</param>
            /// <param name="skip">Keys to leave alone.</param>
            /// <returns>The keys that <paramref name="source"/> lacks and the ones that the module lacks.</returns>
            /// <exception cref="InvalidOperationException">Strict, and the keys differ; nothing was copied.</exception>
            /// <exception cref="ArgumentException">A tensor has another shape than the module's; nothing was copied.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                skip ??= Array.Empty<string>();
                var destination = state_dict();
                var unexpected = source.Keys.Where(key => !skip.Contains(key) && !destination.ContainsKey(key)).ToList();
                var missing = destination.Keys.Where(key => !skip.Contains(key) && !source.ContainsKey(key)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                {
                    throw new InvalidOperationException(
                        $"{GetName()}.load_state_dict: the keys differ. Missing from the source: {Names(missing)}. Unknown to the module: {Names(unexpected)}. "
                        + "Pass strict: false to load the common ones.");
                }
                var pairs = source.Where(pair => !skip.Contains(pair.Key) && destination.ContainsKey(pair.Key)).ToArray();
                foreach (var (key, tensor) in pairs)
                {
                    var target = destination[key];
                    if (!target.shape.AsSpan().SequenceEqual(tensor.shape))
                    {
                        throw new ArgumentException(
                            $"{GetName()}.load_state_dict: '{key}' has shape ({string.Join(", ", target.shape)}), the source's has ({string.Join(", ", tensor.shape)}).",
                            nameof(source));
                    }
                }
                using var _ = no_grad();
                foreach (var (key, tensor) in pairs) destination[key].copy_(tensor);
                return (missing, unexpected);
            }

            private static string Names(List<string> keys) => keys.Count switch
            {
                0 => "none",
                <= 5 => string.Join(", ", keys.Select(key => $"'{key}'")),
                _ => string.Join(", ", keys.Take(5).Select(key => $"'{key}'")) + $" and {keys.Count - 5} more",
            };

            /// <summary>Writes the state to a file in TorchSharp's format (<see cref="DatFormat"/>).</summary>
            public Module save(string location, IList<string>? skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            public Module save(Stream stream, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(stream);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string>? skip = null)
                => DatFormat.Write(writer, skip is null ? sd : sd.Where(pair => !skip.Contains(pair.Key)).ToDictionary());

            /// <summary>Reads the state from a file in TorchSharp's format.</summary>
            /// <param name="location">Path.</param>
            /// <param name="strict">Whether the file must hold exactly the module's keys.</param>
            /// <param name="skip">Keys to leave alone.</param>
            /// <param name="loadedParameters">Receives each key of the file and whether the module has it.</param>
            public virtual Module load(string location, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                if (!File.Exists(location)) throw new FileNotFoundException($"{GetName()}.load: no file '{location}'.", location);
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            public Module load(Stream stream, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(stream);
                return load(reader, strict, skip, loadedParameters);
            }

            /// <inheritdoc cref="load(string, bool, IList{string}, Dictionary{string, bool})"/>
            /// <exception cref="ArgumentException">The number of entries, a key, a dtype or a shape is not the module's.</exception>
            /// <exception cref="InvalidDataException">The stream ends early or is no such file.</exception>
            public virtual Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                skip ??= Array.Empty<string>();
                var state = state_dict();
                var entries = DatFormat.ReadCount(reader);
                if (strict && entries != state.Count)
                    throw new ArgumentException($"{GetName()}.load: the module's state has {state.Count} entries, the file {entries}. Pass strict: false to load the common ones.");
                for (var i = 0L; i < entries; i++)
                {
                    var key = DatFormat.ReadKey(reader);
                    var found = state.TryGetValue(key, out var target);
                    if (strict && !found)
                        throw new ArgumentException($"{GetName()}.load: the file has '{key}', the module has no such entry. Pass strict: false to load the common ones.");
                    if (found && !skip.Contains(key)) DatFormat.ReadInto(reader, target!, key);
                    else DatFormat.Skip(reader, key);
                    loadedParameters?.Add(key, found);
                }
                return this;
            }

            /// <summary>A new <typeparamref name="T"/> with the state of the file.</summary>
            public static Module Create<T>(string path) where T : Module, new() => new T().load(path);
        }
    }
}
