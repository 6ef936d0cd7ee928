// Tests seed the process's one generator and count its live tensors: they run one after another.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
