"""Architectures of PyTorch by name, a file each; others are registered by `register_net`."""

from __future__ import annotations

from bighead.pipeline_lib.frameworks.registered_nets import Nets

NETS = Nets(
    "bighead.pipeline_lib.frameworks.torch_nets",
    ("image_cnn", "mlp", "text_cnn"),
    "Put @register_net('name') on the function that builds it and give TorchClassifier('name', arguments), "
    "or export it (torch.onnx.export) and use OnnxModel.",
)
register_net = NETS.register

__all__ = ["NETS", "register_net"]
