"""The weights of a shipped float model as those of a net in training, where its checkpoint is gone."""

import hashlib
import json
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn


def module_of(node):
    """The module that a node came from: `/trunk/trunk.3/body/body.0/Conv` is of `trunk.3.body.0`."""
    path = []
    for part in node.strip("/").split("/")[:-1]:
        if path and part.startswith(f"{path[-1]}."):
            path.pop()
        path.append(part)
    return ".".join(path)


def load_shipped(net, path, prints):
    """
    Copies the weights of a float ONNX file that `export` wrote into `net` and returns what a record says of them.

    An exported net has its batch normalisations folded into the convolutions before them. Each is unfolded here so that
    the net gives, in training too, what it gave before: `prints` [n, 1, h, w] tell mean and spread of its channels.
    """
    path = Path(path)
    graph = onnx.load(str(path)).graph
    weights = {tensor.name.removesuffix(".half"): tensor for tensor in graph.initializer}
    read = lambda name: torch.from_numpy(numpy_helper.to_array(weights[name]).copy()).float()
    nodes = {module_of(node.name): node for node in graph.node if node.op_type in ("Conv", "Gemm")}
    modules = dict(net.named_modules())
    folded = []
    for name, module in modules.items():
        if not isinstance(module, (nn.Conv2d, nn.Linear)):
            continue
        _, weight, bias = nodes[name].input
        module.weight.data.copy_(read(weight))
        if module.bias is not None:
            module.bias.data.copy_(read(bias))
        else:
            parent, _, index = name.rpartition(".")
            folded.append((module, modules[f"{parent}.{int(index) + 1}"], read(bias)))

    def unfold(module, normalisation, bias):
        def hook(_, inputs, output):
            mean, variance = output.mean((0, 2, 3)), output.var((0, 2, 3), unbiased=False)
            normalisation.running_mean.copy_(mean)
            normalisation.running_var.copy_(variance)
            normalisation.weight.data.copy_(torch.sqrt(variance + normalisation.eps))
            normalisation.bias.data.copy_(mean + bias)

        return module.register_forward_hook(hook)

    hooks = [unfold(*entry) for entry in folded]
    net.eval()
    with torch.no_grad():
        net(prints)
    for hook in hooks:
        hook.remove()
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    models = json.loads((path.parent.parent / "manifest.json").read_text())["models"]
    training = models[path.stem]["training"]
    return {"weights": sha256, "training": training}
