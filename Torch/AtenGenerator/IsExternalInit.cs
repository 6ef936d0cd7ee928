namespace System.Runtime.CompilerServices;

/// <summary>netstandard2.0 lacks the marker that records need.</summary>
internal static class IsExternalInit;
