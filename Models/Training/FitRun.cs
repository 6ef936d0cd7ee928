using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Models.Training.Optimisers;
using Hybrid.Models.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>One call of <see cref="Trainer.Fit"/>.</summary>
internal sealed class FitRun : IDisposable
{
    private const int MostSkippedInARow = 100;

    private readonly nn.Module _network;
    private readonly optim.Optimizer _optimiser;
    private readonly OptimiserStep _update;
    private readonly Func<TensorBatch, Tensor> _loss;
    private readonly IBatchSource _training;
    private readonly IBatchSource? _validation;
    private readonly TrainingOptions _options;
    private readonly IProgress<FitProgress>? _progress;
    private readonly FitContext _context;
    private readonly Parameter[] _parameters;
    private readonly Device _device;
    private readonly long? _totalSteps;
    private readonly RunDirectory? _directory;
    private readonly WeightSnapshot? _best;
    private readonly ExponentialMovingAverage? _average;
    private readonly List<EpochRecord> _history = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly optim.lr_scheduler.LRScheduler? _schedule;
    private readonly FitState _state = new();

    public FitRun(
        nn.Module network, optim.Optimizer optimiser, Func<TensorBatch, Tensor> loss, IBatchSource training, IBatchSource? validation, TrainingOptions options, IProgress<FitProgress>? progress)
    {
        (_network, _optimiser, _loss, _training, _validation, _options, _progress) = (network, optimiser, loss, training, validation, options, progress);
        _context = new FitContext(network, optimiser, options);
        _update = OptimiserStep.Of(optimiser);
        _parameters = optimiser.parameters().ToArray();
        _device = network.state_dict().Values.FirstOrDefault()?.device ?? throw new ArgumentException($"Trainer.Fit: {ModuleName.Of(network)} has no weights to train.", nameof(network));
        long? epochSteps = training.BatchesPerEpoch is { } batches ? (long)batches * options.Epochs : null;
        _totalSteps = epochSteps is { } known && options.MaxSteps is { } most ? Math.Min(known, most) : epochSteps ?? options.MaxSteps;
        // The training loss belongs to weights of many steps, so it names no best ones.
        var keepsBest = options.KeepBest && (validation is not null || options.Monitor != "loss");

        var checkpoint = options.Directory is { } folder && options.Existing == ExistingRun.Resume && File.Exists(Path.Combine(folder, CheckpointParts.FileName)) ? Path.Combine(folder, CheckpointParts.FileName) : null;
        try
        {
            if (keepsBest) _best = new WeightSnapshot(network);
            if (options.AverageDecay is { } decay) _average = new ExponentialMovingAverage(network, decay);
            if (checkpoint is null)
            {
                if (options.Directory is not null) _directory = RunDirectory.Create(options.Directory, Description(), replace: options.Existing == ExistingRun.Replace || IsBarelyBegun(options));
                if (options.Seed is { } seed) manual_seed(unchecked((long)Seeds.Derive((ulong)seed, "fit")));
                _schedule = options.Schedule?.Create(optimiser, _totalSteps);
                _state.Follows = Follows();
                return;
            }
            using var file = Safetensors.Load(checkpoint);
            _state = FitCheckpoint.Read(checkpoint, file, network, optimiser, Follows(), keepsBest, _average is not null);
            _directory = RunDirectory.Continue(options.Directory!);
            _history.AddRange(_directory.KeepHistory<EpochRecord>(_state.Epoch));
            _directory.Write("options.json", Description());
            _schedule = options.Schedule?.Continue(optimiser, _totalSteps, _state.Step, _history.Select(epoch => epoch.Monitored));
            FitCheckpoint.PutBack(checkpoint, file, _state, network, optimiser, _best, _average);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // Killed before its first checkpoint: nothing but options.json is there.
    private static bool IsBarelyBegun(TrainingOptions options)
        => options.Existing == ExistingRun.Resume && !File.Exists(Path.Combine(options.Directory!, "history.jsonl")) && !File.Exists(Path.Combine(options.Directory!, "metrics.json"));

    private FitDescription Description() => new(
        ModuleName.Of(_network), _parameters.Sum(parameter => parameter.numel()), _optimiser.GetType().Name, Rate, _options.Schedule?.ToString(), _training.BatchesPerEpoch, _validation is not null,
        _options.Metrics.Keys.ToArray(), _options);

    private string Follows()
    {
        var metric = _options.Monitor != "loss" ? $"'{_options.Monitor}'" : _validation is null ? "the training loss" : "the validation loss";
        return $"{metric} ({(_options.HigherIsBetter ? "higher" : "lower")} is better)";
    }

    private double Rate => _optimiser.ParamGroups.First().LearningRate;

    /// <summary>Where the fit is, for messages.</summary>
    public string Place => $"epoch {_state.Epoch + 1}, step {_state.Step + 1}";

    private bool StepsAreDone => _options.MaxSteps is { } most && _state.Step >= most;

    public TrainingResult Run(CancellationToken cancellation)
    {
        var wasTraining = _network.training;
        try
        {
            // A run that ended by its bounds goes on when they are wider now.
            if (_state.Ended is StopReason.MaxIterations && _state.Epoch < _options.Epochs && !StepsAreDone) _state.Ended = null;
            if (_state.Ended is StopReason.Patience && !(_state.EpochsWithoutBetter >= _options.Patience)) _state.Ended = null;
            if (_state.Ended is { } ended) return Finish(ended);
            if (_directory is not null && _state.Step == 0) Checkpoint(); // a run that is killed in its first epoch begins with the same weights
            while (true)
            {
                if (Ends() is { } reason)
                {
                    _state.Ended = reason;
                    if (_directory is not null) Checkpoint();
                    return Finish(reason);
                }
                if (!RunEpoch(cancellation))
                {
                    if (_directory is not null) Checkpoint();
                    return Finish(StopReason.Cancelled);
                }
            }
        }
        finally
        {
            _network.train(wasTraining);
        }
    }

    public void Dispose()
    {
        _directory?.Dispose();
        _best?.Dispose();
        _average?.Dispose();
        _update.Dispose();
    }

    private StopReason? Ends()
    {
        if (_context.IsStopRequested) return StopReason.Requested;
        if (_options.Patience is { } patience && _state.EpochsWithoutBetter >= patience) return StopReason.Patience;
        return _state.Epoch >= _options.Epochs || StepsAreDone ? StopReason.MaxIterations : null;
    }

    /// <returns>False where the caller cancelled; the epoch then waits in the state.</returns>
    private bool RunEpoch(CancellationToken cancellation)
    {
        // Before the callbacks of an epoch without a step: they are called when it goes on.
        if (cancellation.IsCancellationRequested) return false;
        var start = _clock.Elapsed;
        (_context.Epoch, _context.Batch, _context.Step) = (_state.Epoch + 1, _state.Batch, _state.Step);
        _network.train();
        if (_state.Batch == 0)
        {
            foreach (var callback in _options.Callbacks) callback.OnEpochStart(_context);
        }
        using (var batches = _training.Epoch(_state.Epoch, _state.Batch).GetEnumerator())
        {
            while (true)
            {
                if (cancellation.IsCancellationRequested) return false;
                if (StepsAreDone || _context.IsStopRequested) break;
                using var scope = NewDisposeScope();
                if (!batches.MoveNext()) break;
                Step(batches.Current.To(_device));
                if (_options.CheckpointSteps is { } every && _state.Step % every == 0) Checkpoint();
            }
        }
        if (_state.Batch == 0 && _context.IsStopRequested) return true; // a callback's, at the epoch's start
        if (_state.Batch == 0) throw new ArgumentException($"Trainer.Fit: the training batches of epoch {_state.Epoch + 1} are none.", "training");
        EndEpoch((_clock.Elapsed - start).TotalSeconds);
        return true;
    }

    private void Step(TensorBatch batch)
    {
        _update.ClearGradients();
        var loss = _loss(batch);
        var values = Values(loss, "the loss");
        if (!loss.requires_grad) throw new ArgumentException("Trainer.Fit: the loss depends on no weight that is trained: expected a tensor that the network's forward made, with gradients.", nameof(loss));
        if (_state.LossSums.Length == 0) (_state.LossSums, _state.Best, _state.BestEpochs) = (new double[values.Length], Enumerable.Repeat(double.NaN, values.Length).ToArray(), new int[values.Length]);
        if (values.Length != _state.LossSums.Length)
            throw new ArgumentException($"Trainer.Fit: expected a loss of {_state.LossSums.Length} members as in the steps before, got {values.Length}.", nameof(loss));

        if (values.All(double.IsFinite) && Update(loss, values.Length, batch))
        {
            for (var member = 0; member < values.Length; member++) _state.LossSums[member] += values[member] * batch.Rows;
            _state.Rows += batch.Rows;
            _state.SkippedInARow = 0;
        }
        else
        {
            if (_options.NonFinite == NonFiniteLoss.Stop || ++_state.SkippedInARow >= MostSkippedInARow) throw NonFinite.Failure("loss", values, _context, batch, Rate);
            _state.SkippedSteps++;
        }
        if (_schedule is not null && _options.Schedule!.IsEachStep) _schedule.step();
        _state.Batch++;
        _state.Step++;
        (_context.Batch, _context.Step) = (_state.Batch, _state.Step);
        var mean = values.Average();
        foreach (var callback in _options.Callbacks) callback.OnStep(_context, mean);
        _progress?.Report(new FitProgress(_context.Epoch, _options.Epochs, _state.Batch, _training.BatchesPerEpoch, _state.Step, mean, null));
    }

    /// <returns>False where the gradient is not finite and the step was left out.</returns>
    private bool Update(Tensor loss, int members, TensorBatch batch)
    {
        (loss.dim() == 0 ? loss : loss.sum()).backward();
        if (GradientClipping.Clip(_parameters, members, _options.ClipValue, _options.ClipNorm) is { } norm)
        {
            if (!double.IsFinite(norm))
            {
                if (_options.NonFinite == NonFiniteLoss.Stop) throw NonFinite.Failure("gradient", [norm], _context, batch, Rate);
                return false;
            }
            _state.LargestGradient = Math.Max(_state.LargestGradient, norm);
        }
        foreach (var callback in _options.Callbacks) callback.OnGradients(_context);
        _update.Apply();
        _average?.Update();
        return true;
    }

    private void EndEpoch(double seconds)
    {
        var members = _state.LossSums.Length;
        var trainingLoss = _state.LossSums.Select(sum => sum / _state.Rows).ToArray();
        var rate = Rate;
        EpochRecord record;
        _network.eval();
        using (_average?.Use())
        using (no_grad())
        {
            var clock = Stopwatch.StartNew();
            var measured = Measure(members);
            var monitored = Monitored(measured, trainingLoss);
            var improved = Improved(monitored);
            if (improved.Count > 0) TakeBest(improved, members);
            if (_state.LossSums.Length > 1) measured["trainingLoss"] = trainingLoss;
            record = new EpochRecord
            {
                Epoch = _state.Epoch + 1,
                Steps = _state.Step,
                LearningRate = rate,
                TrainingLoss = trainingLoss.Average(),
                ValidationLoss = measured.TryGetValue("validationLoss", out var loss) ? loss.Average() : null,
                Metrics = Named(measured, values => values.Average()),
                Members = members == 1 ? null : measured.Where(entry => entry.Value.Length == members).ToDictionary(),
                Monitored = monitored.Average(),
                IsBest = improved.Count > 0,
                LargestGradient = _options.ClipNorm is null ? null : _state.LargestGradient,
                SkippedSteps = _state.SkippedSteps,
                Seconds = seconds + clock.Elapsed.TotalSeconds,
            };
            KeepEpoch(record);
        }
        if (_schedule is not null && !_options.Schedule!.IsEachStep) _options.Schedule.Step(_schedule, record.Monitored);

        _history.Add(record);
        _state.Epoch++;
        _state.Batch = 0;
        Array.Clear(_state.LossSums);
        (_state.Rows, _state.LargestGradient, _state.SkippedSteps) = (0, 0, 0);
        foreach (var callback in _options.Callbacks) callback.OnEpochEnd(_context, record);
        if (_directory is not null)
        {
            _directory.Append(record);
            _directory.Flush();
            Checkpoint();
        }
        _progress?.Report(new FitProgress(record.Epoch, _options.Epochs, _context.Batch, _training.BatchesPerEpoch, _state.Step, record.TrainingLoss, record));
    }

    /// <summary>Validation loss and metrics: one number for each member, or one for all.</summary>
    private Dictionary<string, double[]> Measure(int members)
    {
        var measured = new Dictionary<string, double[]>();
        if (_validation is not null)
        {
            var functions = new Dictionary<string, Func<TensorBatch, Tensor>>(_options.Metrics) { ["validationLoss"] = _loss };
            double rows = 0;
            using var batches = _validation.Epoch(0).GetEnumerator();
            while (true)
            {
                using var scope = NewDisposeScope();
                if (!batches.MoveNext()) break;
                var batch = batches.Current.To(_device);
                foreach (var (name, function) in functions)
                {
                    var values = Values(function(batch), name == "validationLoss" ? "the loss" : $"the metric '{name}'");
                    if (!measured.TryGetValue(name, out var sums)) measured.Add(name, sums = new double[values.Length]);
                    if (values.Length != sums.Length || (values.Length != 1 && values.Length != members))
                        throw new ArgumentException($"Trainer.Fit: expected '{name}' to have one value or one for each of {members} members, got {values.Length}.", nameof(members));
                    for (var i = 0; i < sums.Length; i++) sums[i] += values[i] * batch.Rows;
                }
                rows += batch.Rows;
            }
            if (rows == 0) throw new ArgumentException("Trainer.Fit: the validation batches are none.", "validation");
            foreach (var sums in measured.Values)
            {
                for (var i = 0; i < sums.Length; i++) sums[i] /= rows;
            }
        }
        else if (_options.Metrics.Count > 0)
        {
            throw new ArgumentException("Trainer.Fit: Metrics are means over validation batches, and there are none. Give validation, or compute them in AfterEpoch.", nameof(TrainingOptions.Metrics));
        }
        if (_options.AfterEpoch is not null)
        {
            using var scope = NewDisposeScope();
            foreach (var (name, value) in _options.AfterEpoch())
            {
                if (!measured.TryAdd(name, [value])) throw new ArgumentException($"TrainingOptions.AfterEpoch: there is a metric '{name}' already.", nameof(TrainingOptions.AfterEpoch));
            }
        }
        return measured;
    }

    private double[] Monitored(Dictionary<string, double[]> measured, double[] trainingLoss)
    {
        if (_options.Monitor == "loss") return measured.GetValueOrDefault("validationLoss", trainingLoss);
        if (_options.Monitor == "validationLoss" || !measured.TryGetValue(_options.Monitor, out var values))
            throw new ArgumentException($"TrainingOptions.Monitor: expected one of loss{string.Concat(measured.Keys.Where(name => name != "validationLoss").Select(name => $", {name}"))}, got '{_options.Monitor}'.", nameof(TrainingOptions.Monitor));
        return values;
    }

    /// <summary>Members whose metric is their best so far. One number for all members of an ensemble is the metric of each.</summary>
    private List<int> Improved(double[] monitored)
    {
        var improved = new List<int>();
        for (var member = 0; member < _state.Best.Length; member++)
        {
            var (value, best) = (monitored[monitored.Length == 1 ? 0 : member], _state.Best[member]);
            var gain = _options.HigherIsBetter ? value - best : best - value;
            if (!double.IsFinite(value) || !(double.IsNaN(best) || gain > _options.MinImprovement)) continue;
            (_state.Best[member], _state.BestEpochs[member]) = (value, _state.Epoch + 1);
            improved.Add(member);
        }
        _state.EpochsWithoutBetter = improved.Count > 0 ? 0 : _state.EpochsWithoutBetter + 1;
        return improved;
    }

    private void TakeBest(List<int> improved, int members)
    {
        if (_best is null) return;
        if (improved.Count == members) _best.Take();
        else foreach (var member in improved) _best.TakeMember(member, members);
        if (_directory is not null) Safetensors.Save(_directory.PathOf("weights.safetensors"), _best.Kept.ToDictionary());
    }

    private void KeepEpoch(EpochRecord record)
    {
        if (_options.KeepEpochs == 0 || !double.IsFinite(record.Monitored)) return;
        var ranked = _state.Kept.Append(new KeptEpoch(record.Epoch, record.Monitored));
        _state.Kept = (_options.HigherIsBetter ? ranked.OrderByDescending(epoch => epoch.Metric) : ranked.OrderBy(epoch => epoch.Metric)).ThenBy(epoch => epoch.Epoch).Take(_options.KeepEpochs).ToList();
        if (_state.Kept.Find(epoch => epoch.Epoch == record.Epoch) is { } kept)
            Safetensors.Save(_directory!.PathOf(kept.File), _network.state_dict(), new Dictionary<string, string> { ["epoch"] = $"{record.Epoch}", [_options.Monitor] = FormattableString.Invariant($"{record.Monitored}") });
    }

    private void Checkpoint()
    {
        _state.AverageUpdates = _average?.Updates ?? 0;
        var path = _directory!.PathOf(CheckpointParts.FileName);
        FitCheckpoint.Save(path, _state, _network, _optimiser, _best, _average);
        // Only now: a run that goes on from the checkpoint before still needs the files that it names.
        if (_options.KeepEpochs > 0)
        {
            foreach (var file in Directory.GetFiles(_directory.Folder, "epoch-*.safetensors").Where(file => _state.Kept.All(kept => kept.File != Path.GetFileName(file)))) File.Delete(file);
        }
        foreach (var callback in _options.Callbacks) callback.OnCheckpoint(_context, path);
    }

    private TrainingResult Finish(StopReason reason)
    {
        _update.ClearGradients();
        if (_best is not null && _state.BestEpochs.Any(epoch => epoch > 0)) _best.PutBack();
        else _average?.CopyToModule();
        var result = new TrainingResult(
            reason, _state.Epoch, _state.Step, _state.Best.Length == 0 ? double.NaN : _state.Best.Average(), _state.BestEpochs.DefaultIfEmpty().Max(), _state.Best, _state.BestEpochs, _history, _clock.Elapsed.TotalSeconds);
        if (_directory is not null)
        {
            Safetensors.Save(_directory.PathOf("weights.safetensors"), _network.state_dict());
            _directory.Write("metrics.json", new { result.Reason, result.Epochs, result.Steps, Monitor = _options.Monitor, result.Best, result.BestEpoch, result.MemberBest, result.MemberBestEpochs, Last = _history.LastOrDefault(), result.Seconds });
        }
        return result;
    }

    private Dictionary<string, double>? Named(Dictionary<string, double[]> measured, Func<double[], double> one)
    {
        var named = measured.Where(entry => entry.Key is not ("validationLoss" or "trainingLoss")).ToDictionary(entry => entry.Key, entry => one(entry.Value));
        return named.Count == 0 ? null : named;
    }

    private static double[] Values(Tensor value, string what)
    {
        if (value.dim() > 1) throw new ArgumentException($"Trainer.Fit: expected {what} as a single number, or for an ensemble as one for each member, got shape {ShapeText.Of(value)}. Take its mean.");
        return value.detach().to(ScalarType.Float64).cpu().reshape(-1).data<double>().ToArray();
    }
}
