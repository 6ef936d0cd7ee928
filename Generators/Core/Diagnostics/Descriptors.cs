using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection;
using Hybrid.Graphs;
using Microsoft.CodeAnalysis;

namespace Hybrid.Generators.Diagnostics;

/// <summary>The language's <see cref="Catalogue"/> as Roslyn takes it.</summary>
internal static class Descriptors
{
    /// <summary>Where the pages are: in the repository, or below the address that the build was given as HelpLinkBase.</summary>
    private static readonly string? _base =
        typeof(Descriptors).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "HelpLinkBase")?.Value;

    /// <summary>All of them, by id.</summary>
    public static readonly ImmutableArray<DiagnosticDescriptor> All = ImmutableArray.CreateRange(Catalogue.All.Select(Describe));

    private static readonly Dictionary<string, DiagnosticDescriptor> _byId = All.ToDictionary(descriptor => descriptor.Id);

    /// <summary>The descriptor of an id of the catalogue.</summary>
    public static DiagnosticDescriptor Of(string id) => _byId[id];

    // RS1017 asks for a constant id: it comes from the catalogue, with which a test compares the table of releases.
#pragma warning disable RS1017
    private static DiagnosticDescriptor Describe(FaultKind kind)
        => new(
            kind.Id, kind.Title, "{0}", kind.Category, SeverityOf(kind.Severity), isEnabledByDefault: true, helpLinkUri: _base + kind.Page);
#pragma warning restore RS1017

    private static DiagnosticSeverity SeverityOf(FaultSeverity severity) => severity switch
    {
        FaultSeverity.Error => DiagnosticSeverity.Error,
        FaultSeverity.Warning => DiagnosticSeverity.Warning,
        _ => DiagnosticSeverity.Info,
    };
}
