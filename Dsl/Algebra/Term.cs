using System;

namespace Hybrid.Algebra;

/// <summary>Coefficient · product of atoms; the atoms are sorted and repeat for powers. No atom: a constant.</summary>
internal readonly struct Term(long coefficient, Atom[] atoms)
{
    public long Coefficient { get; } = coefficient;

    public Atom[] Atoms { get; } = atoms;

    public bool IsConstant => Atoms.Length == 0;

    /// <summary>The order of monomials: higher degree first, the constant last.</summary>
    public static int CompareMonomials(Atom[] left, Atom[] right)
    {
        if (left.Length != right.Length) return right.Length.CompareTo(left.Length);
        for (var i = 0; i < left.Length; i++)
        {
            var order = left[i].CompareTo(right[i]);
            if (order != 0) return order;
        }
        return 0;
    }

    public static Atom[] Multiply(Atom[] left, Atom[] right)
    {
        if (left.Length == 0) return right;
        if (right.Length == 0) return left;
        var product = new Atom[left.Length + right.Length];
        left.CopyTo(product, 0);
        right.CopyTo(product, left.Length);
        Array.Sort(product, (a, b) => a.CompareTo(b));
        return product;
    }
}
