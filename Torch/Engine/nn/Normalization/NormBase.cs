using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>Base of batch and instance normalisation: one weight, bias, running mean and variance for each feature.</summary>
public abstract class NormBase : Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))] private Parameter? _bias;
    [ComponentName(Name = nameof(weight))] private Parameter? _weight;
    [ComponentName(Name = nameof(running_mean))] private Tensor? _runningMean;
    [ComponentName(Name = nameof(running_var))] private Tensor? _runningVar;
    [ComponentName(Name = nameof(num_batches_tracked))] private Tensor? _batches;

    /// <param name="num_features">Size of axis 1.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="momentum">Weight of a new batch in the running statistics; null: the plain mean over all batches.</param>
    /// <param name="affine">Whether a weight and a bias follow the normalisation.</param>
    /// <param name="track_running_stats">Whether running statistics are kept and used in evaluation.</param>
    /// <param name="device">Device of the state.</param>
    /// <param name="dtype">Dtype of the state.</param>
    /// <param name="name">The module's name.</param>
    public NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
        : base(name)
    {
        (this.num_features, this.eps, this.momentum, this.affine, this.track_running_stats) = (num_features, eps, momentum, affine, track_running_stats);
        if (affine)
        {
            weight = Parameter(empty([num_features], dtype, device));
            bias = Parameter(empty([num_features], dtype, device));
        }
        if (track_running_stats)
        {
            running_mean = zeros([num_features], dtype, device);
            running_var = ones([num_features], dtype, device);
            num_batches_tracked = zeros([], ScalarType.Int64, device);
        }
        reset_parameters();
    }

    /// <summary>(features); null where <see cref="affine"/> is false.</summary>
    public Parameter weight { get => _weight!; set => Own(ref _weight, value, nameof(weight)); }

    public Parameter? bias { get => _bias; set => Own(ref _bias, value, nameof(bias)); }

    public Tensor? running_mean { get => _runningMean; set => Own(ref _runningMean, value, nameof(running_mean)); }

    /// <summary>Unbiased variance, (features).</summary>
    public Tensor? running_var { get => _runningVar; set => Own(ref _runningVar, value, nameof(running_var)); }

    /// <summary>int64 scalar.</summary>
    public Tensor? num_batches_tracked { get => _batches; set => Own(ref _batches, value, nameof(num_batches_tracked)); }

    public long num_features { get; }

    public double eps { get; set; }

    public double? momentum { get; set; }

    public bool affine { get; }

    public bool track_running_stats { get; }

    public void reset_running_stats()
    {
        if (_runningMean is not null) init.zeros_(_runningMean);
        if (_runningVar is not null) init.ones_(_runningVar);
        if (_batches is not null) init.zeros_(_batches);
    }

    public void reset_parameters()
    {
        reset_running_stats();
        if (_weight is not null) init.ones_(_weight);
        if (_bias is not null) init.zeros_(_bias);
    }

    /// <exception cref="System.ArgumentException">The input's rank is not one of this normalisation.</exception>
    protected abstract void ValidateInputDimensions(Tensor input);

    private protected void RequireRank(Tensor input, int smallest, int largest)
    {
        var rank = input.dim();
        if (rank >= smallest && rank <= largest) return;
        throw new System.ArgumentException(
            $"{GetName()}.forward: expected {(smallest == largest ? $"{smallest}" : $"{smallest} or {largest}")} axes, got ({string.Join(", ", input.shape)}).", nameof(input));
    }
}
