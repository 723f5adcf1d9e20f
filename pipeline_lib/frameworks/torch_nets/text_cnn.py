"""text_cnn: convolutions over embedded tokens, pooled over the text (Kim, 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.frameworks.extras import import_extra
from bighead.pipeline_lib.frameworks.neural_input import PADDING, NeuralInput


def build(
    reads: NeuralInput,
    outputs: int,
    dimensions: int = 64,
    channels: int = 64,
    widths: Sequence[int] = (3, 4, 5),
    dropout: float = 0.5,
) -> Any:
    """Return the network.

    Args:
        reads: The rows, lists of tokens.
        outputs: How many numbers it answers a row.
        dimensions: Of a token's embedding.
        channels: Of each width.
        widths: How many tokens a convolution sees.
        dropout: Which share of the pooled channels is left out while it learns.

    Raises:
        DefinitionError: rows that are no tokens.
    """
    if reads.kind != "tokens":
        raise DefinitionError("the net 'text_cnn' reads lists of tokens.", cure="Take 'mlp' or 'image_cnn'.")
    torch = import_extra("torch", "PyTorch", "torch")
    nn: Any = torch.nn

    class TextCnn(nn.Module):  # type: ignore[misc]
        """Convolutions of several widths beside each other."""

        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(reads.tokens, dimensions, padding_idx=PADDING)
            # Padded on both sides, so that a text shorter than a width is seen, too.
            convolutions = [nn.Conv1d(dimensions, channels, width, padding=width - 1) for width in widths]
            self.convolutions = nn.ModuleList(convolutions)
            self.dropout = nn.Dropout(dropout)
            self.head = nn.Linear(channels * len(widths), outputs)

        def forward(self, tokens: Any) -> Any:
            embedded = self.embedding(tokens).transpose(1, 2)
            pooled = [torch.relu(each(embedded)).amax(dim=2) for each in self.convolutions]
            return self.head(self.dropout(torch.cat(pooled, dim=1)))

    return TextCnn()
