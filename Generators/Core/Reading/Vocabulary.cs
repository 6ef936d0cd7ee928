using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Rules;

namespace Hybrid.Generators.Reading;

/// <summary>The names of the language, as its own assembly lists them: an operation or attribute added there is read here.</summary>
internal static class Vocabulary
{
    /// <summary>The assembly of the language.</summary>
    public static readonly string Assembly = typeof(Sym).Assembly.GetName().Name;

    /// <summary>Attributes that a spec may carry; other attributes are not part of the model.</summary>
    public static readonly IReadOnlyCollection<string> Attributes = new HashSet<string>(
        typeof(Sym).Assembly.GetExportedTypes()
            .Where(t => t.Namespace == "Hybrid" && typeof(Attribute).IsAssignableFrom(t))
            .Select(t => t.Name.Substring(0, t.Name.Length - nameof(Attribute).Length)),
        StringComparer.Ordinal);
}
