using System.Collections.Generic;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Self-ensembling (French et al. 2018): a student learns source labels and, on target images, what a teacher says of the same images
/// augmented otherwise. The teacher's weights are the moving average of the student's, after each update; no gradient reaches it. It is
/// what predicts.
/// </summary>
public sealed class SelfEnsembling : AdaptationAlgorithm
{
    private readonly EncoderWithHead _teacher;
    private readonly double _decay, _weight, _balance;
    private readonly long _steps;

    /// <param name="student">What is trained.</param>
    /// <param name="teacher">Of the same networks; it begins as a copy of the student.</param>
    /// <param name="optimiser">Of the student's parameters.</param>
    /// <param name="steps">Steps of the whole fit, over which the weight of <see cref="Consistency"/> rises.</param>
    /// <param name="decay">Of the average, in [0, 1); 0.99 in the paper.</param>
    /// <param name="weight">Largest weight of the consistency, ≥ 0; 3 in the paper.</param>
    /// <param name="balance">Weight of <see cref="ClassBalance"/>, ≥ 0, times the share of sure rows; 0.005 in the paper.</param>
    /// <param name="augmentation">Of its images; the weak one is drawn twice, for student and teacher.</param>
    public SelfEnsembling(
        EncoderWithHead student, EncoderWithHead teacher, optim.Optimizer optimiser, long steps, double decay = 0.99, double weight = 3,
        double balance = 0.005, Augmentation? augmentation = null)
        : base(student, augmentation)
    {
        (_teacher, _steps, _decay, _weight, _balance) = (teacher, steps, decay, weight, balance);
        teacher.CopyFrom(student);
        Network = new ModuleGroup(
            ("encoder", student.Encoder), ("head", student.Head), ("teacher_encoder", teacher.Encoder), ("teacher_head", teacher.Head));
        Optimisers = All(optimiser);
    }

    /// <inheritdoc/>
    public override EncoderWithHead Predictor => _teacher;

    /// <inheritdoc/>
    public override nn.Module Network { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers { get; }

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var (source, label, first) = Weak(batch);
        var second = Augmentation.Weak(batch["target.image"]);
        var (ofSource, ofTarget) = Features(source, first);
        Tensor taught;
        using (no_grad()) taught = _teacher.Outputs(second);
        var studied = Parts.Head.forward(ofTarget);
        var sure = (taught.softmax(1).amax(1) > Consistency.Threshold).to(ScalarType.Float32).mean();
        step.Measure("sure", sure.item<float>());
        var together = Consistency.Value(studied, taught) + _balance * sure * ClassBalance.Value(studied);
        step.Minimise(SourceLoss(ofSource, label, step) + _weight * RampUp(step.Fit.Step, _steps) * together);
        ExponentialMovingAverage.Blend(_teacher.Module, Parts.Module, _decay);
    }
}
