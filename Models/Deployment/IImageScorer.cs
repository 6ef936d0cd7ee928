using System;
using System.Collections.Generic;
using Hybrid.Data.Images;

namespace Hybrid.Models.Deployment;

/// <summary>
/// A trained model as whoever deploys it sees it: images in, numbers out. What its network is, and over what it averages, is its own
/// business. An instance is used by one thread at a time.
/// </summary>
public interface IImageScorer : IDisposable
{
    /// <summary>What it gives of an image, in order; the first is the one that a histogram shows.</summary>
    IReadOnlyList<ScoredQuantity> Quantities { get; }

    /// <summary>What turns a camera's frame into what <see cref="Score"/> takes.</summary>
    Recipe Preprocessing { get; }

    /// <summary>Size of a preprocessed image.</summary>
    ArchivedImage Image { get; }

    /// <summary>Scores preprocessed images.</summary>
    /// <param name="images">Of the size of <see cref="Image"/>.</param>
    /// <returns>Row by row, a row an image, a column a quantity.</returns>
    /// <exception cref="ArgumentException">The images have another size.</exception>
    double[] Score(ImageSet images);
}
