using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace Hybrid.PropertyTests.Compiler.Dsl;

internal static class ShortLists
{
    /// <summary>Lists of least to most elements.</summary>
    public static Gen<T[]> Short<T>(this Gen<T> element, int least, int most)
        => from count in Gen.Choose(least, most) from list in element.ListOf(count) select list.ToArray();
}
