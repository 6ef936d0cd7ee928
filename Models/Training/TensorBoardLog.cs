using System.Collections.Generic;
using TorchSharp;

namespace Hybrid.Models.Training;

/// <summary>Losses, metrics and rates of epochs as TensorBoard event files, written by TorchSharp's writer.</summary>
internal sealed class TensorBoardLog(string folder)
{
    private readonly TorchSharp.Modules.SummaryWriter _writer = torch.utils.tensorboard.SummaryWriter(folder);

    public void Add(EpochRecord record)
    {
        Scalar("loss/training", record.TrainingLoss);
        if (record.ValidationLoss is { } validation) Scalar("loss/validation", validation);
        foreach (var (name, value) in record.Metrics ?? new Dictionary<string, double>()) Scalar($"metrics/{name}", value);
        Scalar("learning rate", record.LearningRate);

        void Scalar(string name, double value) => _writer.add_scalar(name, (float)value, record.Epoch);
    }
}
