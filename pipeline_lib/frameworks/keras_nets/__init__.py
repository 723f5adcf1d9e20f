"""Architectures of Keras by name, a file each; others are registered by `register_net`."""

from __future__ import annotations

from bighead.pipeline_lib.frameworks.registered_nets import Nets

NETS = Nets(
    "bighead.pipeline_lib.frameworks.keras_nets",
    ("image_cnn", "mlp", "text_cnn"),
    "Build it of Keras's own layers, or put @register_net('name') on the function that builds it and give "
    "KerasClassifier('name', arguments).",
)
register_net = NETS.register

__all__ = ["NETS", "register_net"]
