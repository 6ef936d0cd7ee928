using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Hybrid.Algebra;
using Hybrid.Generators.Model;
using Hybrid.Graphs;

namespace Hybrid.Generators.Evaluation;

/// <summary>
/// Gives a spec its meaning: follows its statements as they would run, and builds the graph that running them would.
/// A pure function of the model, used by the generator where caching works and by the analyzer as one types.
/// Work is bounded; no input makes it loop or overflow the stack.
/// </summary>
internal sealed partial class SpecEvaluator
{
    /// <summary>Expressions and statements followed in one spec: a loop that never ends stops here (HYB4007).</summary>
    private const int MostSteps = 500_000;

    /// <summary>Block calls inside one another.</summary>
    private const int DeepestCalls = 64;

    private readonly SpecModel _model;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, MethodModel> _blocks;
    private readonly Sites _sites;
    private readonly GraphBuilder _builder;
    private readonly IReadOnlyDictionary<string, object> _fixed;
    private Frame _frame = null!;
    private int _steps;
    private int _calls;
    private bool _isBroken;

    private SpecEvaluator(SpecModel model, IReadOnlyDictionary<string, object> @fixed, CancellationToken cancellation)
    {
        _model = model;
        _cancellation = cancellation;
        _blocks = model.Blocks.ToDictionary(b => b.Key);
        _fixed = @fixed;
        _sites = new Sites(model.Id);
        _builder = Open();
        _builder.SiteOf = origin => new Site(_sites.PlaceOf(origin), _sites.CallerOf(origin));
    }

    /// <param name="model">The spec as written.</param>
    /// <param name="cancellation">Checked as the body is followed.</param>
    /// <param name="parameters">
    /// Values of <c>[Param]</c>s. Otherwise sizes and numbers stay symbols, and choices are those of the defaults.
    /// </param>
    public static EvaluatedSpec Evaluate(
        SpecModel model, CancellationToken cancellation, IReadOnlyDictionary<string, object>? parameters = null)
        => new SpecEvaluator(model, parameters ?? new Dictionary<string, object>(), cancellation).Run();

    private EvaluatedSpec Run()
    {
        Graph? graph = null;
        IReadOnlyList<string>? returned = null;
        if (_model.Spec is { } spec)
        {
            _frame = new Frame(spec);
            Declare(spec);
            // Read before the body, for its own faults; the promise is checked at the end.
            var promised = Promised(spec);
            Run(spec.Body);
            var results = _frame.Returned switch
            {
                null => Enumerable.Empty<Meaning>(),
                TupleMeaning tuple => tuple.Items,
                var single => new[] { single },
            };
            var outputs = results.Select(Output).ToList();
            if (outputs.Count > 0)
            {
                graph = _builder.Finish(outputs, promised, _frame.ReturnPlace, spec.ReturnNames, _frame.ReturnPlaces);
                if (outputs.All(o => !o.IsUnknown)) returned = outputs.Select(o => o.Shape.Written).ToList();
            }
        }
        if (graph is not null && !_isBroken && !_builder.HasErrors && graph.Outputs.All(o => o >= 0) && OverBudget(graph) is { } over)
            _builder.Report(over);
        foreach (var problem in _model.Problems) Report("HYB4014", problem.Id, problem.Text);
        if (graph is not null && !_isBroken && !_builder.HasErrors && graph.Outputs.All(o => o >= 0)
            && TakenNames.Find(_model, graph, _sites) is { } taken)
            _builder.Report(taken);
        var isComplete = graph is not null && !_isBroken && !_builder.HasErrors && graph.Outputs.All(o => o >= 0);
        return new EvaluatedSpec(_model, isComplete ? graph : null, _builder.Faults.ToList(), _sites, returned);
    }

    private Value Output(Meaning meaning)
    {
        if (meaning is TensorMeaning tensor) return tensor.Tensor;
        if (meaning is not UnknownMeaning)
        {
            var origin = _frame.ReturnPlace;
            _builder.Report(
                new Fault("HYB4004", $"The spec returns {Describe(meaning)}; it returns a tensor or a tuple of tensors.", origin));
        }
        return _builder.Unknown();
    }

    /// <summary>The names that shape strings of a block may use: the constants it sees, then the spec's.</summary>
    private static IReadOnlyDictionary<string, long> Visible(IReadOnlyDictionary<string, long> outer, MethodModel block)
    {
        if (block.Sizes.Count == 0) return outer;
        var visible = outer.ToDictionary(size => size.Key, size => size.Value);
        foreach (var size in block.Sizes) visible[size.Name] = size.Value.Integer;
        return visible;
    }

    /// <summary>Counts work; false once there was too much of it, which was reported.</summary>
    private bool Step()
    {
        if (_steps > MostSteps) return false;
        if ((++_steps & 0xFF) == 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            RuntimeHelpers.EnsureSufficientExecutionStack();
        }
        if (_steps <= MostSteps) return true;
        Report(
            "HYB4007", _model.Spec!.Id,
            $"The loops of '{_model.Spec.Name}' take more than {MostSteps} steps to unroll. Check the loop's end, or build the network by "
                + "tracing.");
        _isBroken = true;
        return false;
    }

    private void Report(string id, int place, string text) => _builder.Report(new Fault(id, text, _sites.At(place)));

    private Meaning Refuse(string id, int place, string text)
    {
        Report(id, place, text);
        return Meaning.Unknown;
    }
}
