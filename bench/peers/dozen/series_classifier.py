"""Series of different lengths, classified by the last state of a GRU, Cho et al. 2014."""
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class SeriesClassifier(nn.Module):
    def __init__(self, width=24, dropout=0.1):
        super().__init__()
        self.gru = nn.GRU(3, width, num_layers=2, bidirectional=True, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(4 * width, 4)

    def forward(self, series, lengths):
        packed = pack_padded_sequence(series, lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, states = self.gru(packed)
        return self.head(self.dropout(states.transpose(0, 1).flatten(1)))
