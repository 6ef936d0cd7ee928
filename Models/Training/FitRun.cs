using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Models.Engine;
using Hybrid.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>One call of <see cref="Trainer"/>: the only training loop.</summary>
internal sealed class FitRun : IDisposable
{
    private readonly TrainingAlgorithm _algorithm;
    private readonly IBatchSource _training;
    private readonly IBatchSource? _validation;
    private readonly TrainingOptions _options;
    private readonly IProgress<FitProgress>? _progress;
    private readonly FitContext _context;
    private readonly TrainingStep _step;
    private readonly Judge _judge;
    private readonly Device _device;
    private readonly long? _totalSteps;
    private readonly RunDirectory? _directory;
    private readonly WeightSnapshot? _best;
    private readonly ExponentialMovingAverage? _average;
    private readonly List<EpochRecord> _history = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly optim.lr_scheduler.LRScheduler[] _schedules = [];
    private readonly FitState _state = new();
    private EpochProfile.Clocks _profile = new();
    private TensorBoardLog? _tensorBoard;
    private bool _hasNewBest;
    private double _lastLoss;
    private (double Watched, bool IsBest)? _judged;
    private readonly string? _notice;

    // What the checkpoint before names: a run that falls back to it needs those files still.
    private List<KeptEpoch> _keptBefore = [];

    public FitRun(
        TrainingAlgorithm algorithm,
        IBatchSource training,
        IBatchSource? validation,
        TrainingOptions options,
        IProgress<FitProgress>? progress)
    {
        (_algorithm, _training, _validation, _options, _progress) = (algorithm, training, validation, options, progress);
        if (algorithm.Optimisers.Count == 0)
            throw new ArgumentException($"{algorithm.Name}: expected at least one optimiser, got none.", nameof(algorithm));
        var network = algorithm.Network;
        _device = network.state_dict().Values.FirstOrDefault()?.device
            ?? throw new ArgumentException($"Trainer.Fit: {ModuleName.Of(network)} has no weights to train.", nameof(algorithm));
        if (algorithm.JudgesBeforeUpdate && training.BatchesPerEpoch != 1)
            throw new ArgumentException(
                $"{algorithm.Name}: it judges weights before their update, so an epoch must be one batch; "
                + $"got {training.BatchesPerEpoch?.ToString() ?? "any number of"} batches.",
                nameof(training));
        _context = new FitContext(algorithm, options);
        long? epochSteps = training.BatchesPerEpoch is { } batches
            ? (((long)batches + options.AccumulateBatches - 1) / options.AccumulateBatches) * options.Epochs
            : null;
        _totalSteps = epochSteps is { } known && options.MaxSteps is { } most ? Math.Min(known, most) : epochSteps ?? options.MaxSteps;
        // The training loss belongs to weights of many steps, so it names no best ones.
        var keepsBest = options.KeepBest && (validation is not null || options.Monitor != "loss");

        IReadOnlyList<string> checkpoints = options.Directory is { } folder && options.Existing == ExistingRun.Resume
            ? CheckpointFiles.In(folder)
            : [];
        try
        {
            if (keepsBest) _best = new WeightSnapshot(network);
            if (options.AverageDecay is { } decay) _average = new ExponentialMovingAverage(network, decay);
            if (checkpoints.Count == 0)
            {
                if (options.Directory is not null)
                    _directory = RunDirectory.Create(
                        options.Directory, Description(), replace: options.Existing == ExistingRun.Replace || IsBarelyBegun(options));
                if (options.Seed is { } seed) manual_seed(unchecked((long)Seeds.Derive((ulong)seed, "fit")));
                _schedules = Schedules(schedule => optimiser => schedule.Create(optimiser, _totalSteps));
                _state.Follows = Follows();
            }
            else
            {
                var (opened, checkpoint, notice) = CheckpointFiles.Open(checkpoints);
                using var file = opened;
                _notice = notice;
                _state = FitCheckpoint.Read(checkpoint, file, algorithm, Follows(), keepsBest, _average is not null);
                _keptBefore = _state.Kept;
                _directory = RunDirectory.Continue(options.Directory!);
                CheckpointFiles.Settle(_directory.Folder, checkpoint);
                _history.AddRange(_directory.KeepHistory<EpochRecord>(_state.Epoch));
                _directory.Write("options.json", Description());
                var monitored = _history.Select(epoch => epoch.Monitored);
                _schedules = Schedules(schedule => optimiser => schedule.Continue(optimiser, _totalSteps, _state.Step, monitored));
                FitCheckpoint.PutBack(checkpoint, file, _state, algorithm, _best, _average);
            }
            _judge = new Judge(options, _state);
            _step = new TrainingStep(algorithm, options, _context, _state, _average, JudgeBeforeUpdate);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // Killed before its first checkpoint: nothing but options.json is there.
    private static bool IsBarelyBegun(TrainingOptions options)
        => options.Existing == ExistingRun.Resume && !File.Exists(Path.Combine(options.Directory!, "history.jsonl"))
            && !File.Exists(Path.Combine(options.Directory!, "metrics.json"));

    private optim.lr_scheduler.LRScheduler[] Schedules(Func<RateSchedule, Func<optim.Optimizer, optim.lr_scheduler.LRScheduler>> make)
        => _options.Schedule is { } schedule ? _algorithm.Optimisers.Select(make(schedule)).ToArray() : [];

    private FitDescription Description() => new(
        ModuleName.Of(_algorithm.Network),
        _algorithm.Optimisers.Sum(optimiser => optimiser.parameters().Sum(parameter => parameter.numel())),
        FitCheckpoint.Names(_algorithm), _context.LearningRate, _options.Schedule?.ToString(), _training.BatchesPerEpoch,
        _validation is not null, _options.Metrics.Keys.ToArray(), _options);

    private string Follows()
    {
        var loss = _validation is null ? "the training loss" : "the validation loss";
        var metric = _options.Monitor == "loss" ? loss : $"'{_options.Monitor}'";
        return $"{metric} ({(_options.HigherIsBetter ? "higher" : "lower")} is better)";
    }

    /// <summary>Where the fit is, for messages.</summary>
    public string Place => $"epoch {_state.Epoch + 1}, step {_state.Step + 1}";

    private bool StepsAreDone => _options.MaxSteps is { } most && _state.Step >= most;

    public TrainingResult Run(CancellationToken cancellation)
    {
        var wasTraining = _algorithm.Network.training;
        if (_notice is not null)
            _progress?.Report(
                new FitProgress(_state.Epoch + 1, _options.Epochs, _state.Batch, _training.BatchesPerEpoch, _state.Step, double.NaN, null)
                {
                    Notice = _notice,
                });
        try
        {
            // A run that ended by its bounds continues when they are wider now.
            if (_state.Ended is StopReason.MaxIterations && _state.Epoch < _options.Epochs && !StepsAreDone) _state.Ended = null;
            if (_state.Ended is StopReason.Patience && !(_state.EpochsWithoutBetter >= _options.Patience)) _state.Ended = null;
            if (_state.Ended is { } ended) return Finish(ended);
            // a run that is killed in its first epoch begins with the same weights
            if (_directory is not null && _state.Step == 0) Checkpoint();
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
            _algorithm.Network.train(wasTraining);
        }
    }

    public void Dispose()
    {
        _directory?.Dispose();
        _best?.Dispose();
        _average?.Dispose();
        _step?.Dispose();
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
        // Before the callbacks of an epoch without a step: they are called when it continues.
        if (cancellation.IsCancellationRequested) return false;
        var start = _clock.Elapsed;
        _profile = new EpochProfile.Clocks { Backward = _step.BackwardTime, Update = _step.UpdateTime };
        (_context.Epoch, _context.Batch, _context.Step) = (_state.Epoch + 1, _state.Batch, _state.Step);
        _algorithm.Network.train();
        if (_state.Batch == 0)
        {
            foreach (var callback in _options.Callbacks) callback.OnEpochStart(_context);
        }
        using (var batches = _training.Epoch(_state.Epoch, _state.Batch).GetEnumerator())
        {
            while (true)
            {
                // A group of accumulated batches is one step: nothing of a half one would be kept.
                if (!_step.IsPending)
                {
                    if (cancellation.IsCancellationRequested) return false;
                    if (StepsAreDone || _context.IsStopRequested) break;
                }
                using var scope = NewDisposeScope();
                var waited = _clock.Elapsed;
                var hasNext = batches.MoveNext();
                var batch = hasNext ? batches.Current.To(_device) : null;
                _profile.Data += _clock.Elapsed - waited;
                if (batch is null) break;
                Step(batch);
                if (!_step.IsPending && _options.CheckpointSteps is { } every && _state.Step % every == 0) Checkpoint();
            }
            if (_step.IsPending)
            {
                using var scope = NewDisposeScope();
                _step.Flush();
                EndStep(_lastLoss);
            }
        }
        if (_state.Batch == 0 && _context.IsStopRequested) return true; // a callback's, at the epoch's start
        if (_state.Batch == 0)
            throw new ArgumentException(
                $"Trainer.Fit: expected at least one training batch, got none in epoch {_state.Epoch + 1}.", "training");
        EndEpoch((_clock.Elapsed - start).TotalSeconds);
        return true;
    }

    private void Step(TensorBatch batch)
    {
        var start = _clock.Elapsed;
        _step.Begin(batch);
        using (_options.Autocast ? Autocast.Begin(_device) : null) _algorithm.Step(batch, _step);
        var mean = _step.End(_algorithm.Name);
        _profile.Step += _clock.Elapsed - start;
        _state.Batch++;
        _context.Batch = _state.Batch;
        if (!_step.IsPending) EndStep(mean);
        else _lastLoss = mean;
    }

    private void EndStep(double loss)
    {
        if (_options.Schedule is { IsEachStep: true })
        {
            foreach (var schedule in _schedules) schedule.step();
        }
        _state.Step++;
        _context.Step = _state.Step;
        foreach (var callback in _options.Callbacks) callback.OnStep(_context, loss);
        _progress?.Report(
            new FitProgress(_context.Epoch, _options.Epochs, _state.Batch, _training.BatchesPerEpoch, _state.Step, loss, null));
    }

    // The value that is watched is of the weights as they are now.
    private void JudgeBeforeUpdate()
    {
        if (!_algorithm.JudgesBeforeUpdate) return;
        if (!_step.Measured.TryGetValue(_options.Monitor, out var watched))
            throw new ArgumentException(
                $"TrainingOptions.Monitor: expected one of {string.Join(", ", _step.Measured.Keys)}, got '{_options.Monitor}'.",
                nameof(TrainingOptions.Monitor));
        var improved = _judge.Improved([watched]);
        if (improved.Count > 0) TakeBest(improved, _state.Best.Length);
        _judged = (watched, improved.Count > 0);
    }

    private void EndEpoch(double seconds)
    {
        var members = _state.LossSums.Length;
        var trainingLoss = _state.LossSums.Select(sum => sum / _state.Rows).ToArray();
        var rate = _context.LearningRate;
        EpochRecord record;
        _algorithm.Network.eval();
        using (_average?.Use())
        using (no_grad())
        {
            var clock = Stopwatch.StartNew();
            var measured = EpochMeasures.Of(_algorithm, _validation, _options, _device, members);
            foreach (var (name, mean) in _state.MetricMeans)
            {
                if (!measured.TryAdd(name, [mean]))
                    throw new ArgumentException(
                        $"{_algorithm.Name}: its steps and the validation both measure '{name}'. Give one another name.");
            }
            var monitored = _judged is { } judged ? [judged.Watched] : _judge.Watched(measured, trainingLoss);
            var isBest = _judged?.IsBest;
            if (isBest is null)
            {
                var improved = _judge.Improved(monitored);
                if (improved.Count > 0) TakeBest(improved, members);
                isBest = improved.Count > 0;
            }
            _judged = null;
            if (members > 1) measured["trainingLoss"] = trainingLoss;
            record = new EpochRecord
            {
                Epoch = _state.Epoch + 1,
                Steps = _state.Step,
                LearningRate = rate,
                TrainingLoss = trainingLoss.Average(),
                ValidationLoss = measured.TryGetValue("validationLoss", out var loss) ? loss.Average() : null,
                Metrics = Named(measured),
                Members = members == 1 ? null : measured.Where(entry => entry.Value.Length == members).ToDictionary(),
                Monitored = monitored.Average(),
                Best = _state.Best.Average(),
                EpochsWithoutBetter = _state.EpochsWithoutBetter,
                IsBest = isBest.Value,
                LargestGradient = _options.ClipNorm is null ? null : _state.LargestGradient,
                SkippedSteps = _state.SkippedSteps,
                Seconds = seconds + clock.Elapsed.TotalSeconds,
                Profile = _options.Profile
                    ? _profile.End(_step.BackwardTime, _step.UpdateTime, clock.Elapsed, seconds + clock.Elapsed.TotalSeconds)
                    : null,
            };
            KeepEpoch(record);
        }
        if (_options.Schedule is { IsEachStep: false } each)
        {
            foreach (var schedule in _schedules) each.Step(schedule, record.Monitored);
        }

        _history.Add(record);
        _state.Epoch++;
        _state.Batch = 0;
        Array.Clear(_state.LossSums);
        _state.MetricMeans.Clear();
        (_state.Rows, _state.LargestGradient, _state.SkippedSteps) = (0, 0, 0);
        foreach (var callback in _options.Callbacks) callback.OnEpochEnd(_context, record);
        if (_directory is not null)
        {
            _directory.Append(record);
            if (_options.TensorBoard) (_tensorBoard ??= new TensorBoardLog(_directory.PathOf("tensorboard"))).Add(record);
            if (_state.Epoch % _options.CheckpointEpochs == 0) Checkpoint();
        }
        _progress?.Report(new FitProgress(
            record.Epoch, _options.Epochs, _context.Batch, _training.BatchesPerEpoch, _state.Step, record.TrainingLoss, record));
    }

    private void TakeBest(List<int> improved, int members)
    {
        if (_best is null) return;
        if (improved.Count == members) _best.Take();
        else foreach (var member in improved) _best.TakeMember(member, members);
        _hasNewBest = true;
    }

    private void KeepEpoch(EpochRecord record)
    {
        if (_options.KeepEpochs == 0 || !double.IsFinite(record.Monitored)) return;
        var ranked = _state.Kept.Append(new KeptEpoch(record.Epoch, record.Monitored));
        _state.Kept = (_options.HigherIsBetter ? ranked.OrderByDescending(epoch => epoch.Metric) : ranked.OrderBy(epoch => epoch.Metric))
            .ThenBy(epoch => epoch.Epoch).Take(_options.KeepEpochs).ToList();
        if (_state.Kept.Find(epoch => epoch.Epoch == record.Epoch) is { } kept)
        {
            var texts = new Dictionary<string, string>
            {
                ["epoch"] = $"{record.Epoch}", [_options.Monitor] = FormattableString.Invariant($"{record.Monitored}"),
            };
            Safetensors.Save(_directory!.PathOf(kept.File), _algorithm.Network.state_dict(), texts);
        }
    }

    private void Checkpoint()
    {
        _directory!.Flush(); // a checkpoint must never know of epochs that the history lacks
        if (_hasNewBest) Safetensors.Save(_directory.PathOf("weights.safetensors"), _best!.Kept.ToDictionary());
        _hasNewBest = false;
        _state.AverageUpdates = _average?.Updates ?? 0;
        var path = CheckpointFiles.Add(_directory.Folder, file => FitCheckpoint.Save(file, _state, _algorithm, _best, _average));
        // Only now, and only what neither of the two names.
        if (_options.KeepEpochs > 0)
        {
            var named = _state.Kept.Concat(_keptBefore).Select(kept => kept.File).ToHashSet();
            foreach (var file in Directory.GetFiles(_directory.Folder, "epoch-*.safetensors"))
            {
                if (!named.Contains(Path.GetFileName(file))) File.Delete(file);
            }
            _keptBefore = [.. _state.Kept];
        }
        foreach (var callback in _options.Callbacks) callback.OnCheckpoint(_context, path);
    }

    private TrainingResult Finish(StopReason reason)
    {
        _step.ClearGradients();
        if (_best is not null && _state.BestEpochs.Any(epoch => epoch > 0)) _best.PutBack();
        else _average?.CopyToModule();
        var result = new TrainingResult(
            reason, _state.Epoch, _state.Step, _state.Best.DefaultIfEmpty(double.NaN).Average(), _state.BestEpochs.DefaultIfEmpty().Max(),
            _state.Best, _state.BestEpochs, _history, _clock.Elapsed.TotalSeconds)
        { Monitor = _options.Monitor, Directory = _directory?.Folder, Notice = _notice };
        _algorithm.Network.eval();
        // What was trained is saved before it is judged: a judgement may fail.
        if (_directory is not null)
        {
            Safetensors.Save(_directory.PathOf("weights.safetensors"), _algorithm.Network.state_dict());
            result.WriteCsv(_directory.PathOf("history.csv"));
            _directory.Write("metrics.json", new
            {
                result.Reason, result.Epochs, result.Steps, result.Monitor, result.Best, result.BestEpoch, result.MemberBest,
                result.MemberBestEpochs, Last = _history.LastOrDefault(), result.Seconds, result.Notice,
            });
        }
        using (NewDisposeScope())
        using (no_grad())
        {
            if (_algorithm.AtEnd() is { } statistics) _directory?.Write("statistics.json", statistics);
        }
        var last = _history.LastOrDefault()?.TrainingLoss ?? double.NaN;
        var ended = new FitProgress(_state.Epoch, _options.Epochs, 0, _training.BatchesPerEpoch, _state.Step, last, null);
        _progress?.Report(ended with { Result = result });
        return result;
    }

    private static Dictionary<string, double>? Named(Dictionary<string, double[]> measured)
    {
        var named = measured.Where(entry => entry.Key is not ("validationLoss" or "trainingLoss"))
            .ToDictionary(entry => entry.Key, entry => entry.Value.Average());
        return named.Count == 0 ? null : named;
    }
}
