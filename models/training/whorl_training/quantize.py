"""
Makes the models that ship of those that were trained: backbone and encoder in int8 (static, QDQ), and float files for
providers that gain nothing from int8. Every quantized output is measured beside the float one, and the command fails
where they are not alike.

Int8 as every provider takes it: activations symmetric (zero point 0), weights symmetric, one scale a channel, 7 bits, so
that pairs of products do not saturate where a processor adds them up in 16 bits. In float stay the local normalisation, the first layer,
the last layer of each output and what follows it: lengths, tanh and sigmoid lose what 8 bits take from them.
"""

import argparse
import hashlib
import json
import math
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

CELL = 8
CROP = 128
REACH = 50
"""Pixels at 250 dpi a unit of `place`."""
ROUNDS = 4
ALIKE = 0.995
"""The least mean cosine between an int8 output and the float one."""
HALVED = 1024
"""Weights of so many numbers or more are stored in half precision in the float files; all arithmetic stays 32 bits."""
FIRST = ("/normalise/", "/trunk/trunk.0/")
"""Prefixes of the nodes that see the picture itself: their errors would run through all that follows."""
LAST = {"backbone": ("/describe/", "/judge/", "/locate/locate.2/"), "encoder": ("/to_latent/to_latent.2/",)}
"""Prefixes of the last layers' nodes."""


def read_prints(folders):
    """
    Prints of `whorl synthesize --format shards` at 250 dpi as the terminal brings them there (means of 2 x 2), each
    [1, 1, h, w] in 0..1 with sides that are multiples of a cell, white beyond the picture; and a hash of them all.
    """
    digest, prints, fingers = hashlib.sha256(), [], []
    for folder in folders:
        files = sorted(Path(folder).glob("images-*.npy"))
        if not files:
            raise SystemExit(f"{folder} holds no images-*.npy: make it with whorl synthesize --format shards")
        for file in files:
            images = np.load(file)
            digest.update(images.tobytes())
            identity = np.load(file.with_name(file.name.replace("images", "identity")))
            n, height, width = images.shape
            even = images[:, : height // 2 * 2, : width // 2 * 2].astype(np.float32)
            half = (even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2]) / (4 * 255)
            beyond = [(0, 0), (0, -half.shape[1] % CELL), (0, -half.shape[2] % CELL)]
            half = np.pad(half, beyond, constant_values=1).astype(np.float32)
            prints += [half[i][None, None] for i in range(n)]
            fingers += list(identity[:, 0])
    return prints, np.array(fingers), digest.hexdigest()


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def upright(print_, confidence, place):
    """The encoder's print [1, 1, 128, 128] of a print, turned back and centred by what the backbone says of its pose."""
    weight, (x, y, cosine, sine) = confidence[0, 0], place[0]
    rotation = math.atan2((weight * sine).sum(), (weight * cosine).sum())
    c, s = math.cos(rotation), math.sin(rotation)
    rows, columns = np.mgrid[: weight.shape[0], : weight.shape[1]] * CELL + CELL / 2
    middles = np.stack((columns - REACH * (x * c + y * s), rows - REACH * (y * c - x * s)))
    robust = weight
    for _ in range(ROUNDS):
        middle = (middles * robust).sum((1, 2)) / robust.sum()
        distance = np.hypot(*(middles - middle[:, None, None]))
        robust = weight / (1 + (distance / 20) ** 2)
    v, u = np.mgrid[:CROP, :CROP] + 0.5 - CROP / 2
    at_x, at_y = middle[0] + u * c + v * s - 0.5, middle[1] + v * c - u * s - 0.5
    left, top = np.floor(at_x).astype(int), np.floor(at_y).astype(int)
    picture, (height, width) = print_[0, 0], print_.shape[2:]
    crop = np.zeros((CROP, CROP), np.float32)
    for down in (0, 1):
        for right in (0, 1):
            column, row = left + right, top + down
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            gray = np.where(inside, picture[row.clip(0, height - 1), column.clip(0, width - 1)], 1)
            crop += gray * (1 - np.abs(at_x - column)) * (1 - np.abs(at_y - row))
    return crop[None, None].astype(np.float32)


class Prints(CalibrationDataReader):
    def __init__(self, name, prints):
        self.feeds = iter([{name: print_} for print_ in prints])

    def get_next(self):
        return next(self.feeds, None)


def quantize(name, source, target, prints):
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        quant_pre_process(str(source), str(plain), skip_symbolic_shape=True)
        nodes = onnx.load(plain).graph.node
        layers = [node for node in nodes if node.op_type in ("Conv", "Gemm", "Add", "Relu")]
        kept = [node.name for node in layers if node.name.startswith((*FIRST, *LAST[name]))]
        quantize_static(
            str(plain),
            str(target),
            Prints(session(source).get_inputs()[0].name, prints),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Gemm", "Add"],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=kept,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"ActivationSymmetric": True, "WeightSymmetric": True},
        )


def halve(source, target):
    """Stores large weights in half precision; a cast behind each brings them back, once, when the model is loaded."""
    model = onnx.load(source)
    casts = []
    for weights in model.graph.initializer:
        if weights.data_type != TensorProto.FLOAT or math.prod(weights.dims) < HALVED:
            continue
        name, half = weights.name, numpy_helper.to_array(weights).astype(np.float16)
        weights.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, target)


def alike(first, second, prints):
    """Mean and least cosine of each output of two files, over prints."""
    one, other = session(first), session(second)
    names = [output.name for output in one.get_outputs()]
    cosines = {name: [] for name in names}
    for print_ in prints:
        feed = {one.get_inputs()[0].name: print_}
        for name, a, b in zip(names, one.run(names, feed), other.run(names, feed)):
            a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
            cosines[name].append(float(a @ b / math.sqrt((a @ a) * (b @ b))))
    return {name: {"mean": round(float(np.mean(c)), 6), "least": round(min(c), 6)} for name, c in cosines.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n\n")[0])
    parser.add_argument("--trained", type=Path, required=True, help="folder of backbone, encoder and siamese.onnx")
    parser.add_argument("--prints", type=Path, nargs="+", required=True, help="folders of artificial shards")
    parser.add_argument("--out", type=Path, required=True, help="folder of the models that ship")
    parser.add_argument("--record", type=Path, required=True, help="what was done and how alike the files are, JSON")
    options = parser.parse_args()
    (options.out / "float").mkdir(parents=True, exist_ok=True)
    prints, fingers, digest = read_prints(options.prints)

    backbone = session(options.trained / "backbone.onnx")
    uprights = [upright(p, *backbone.run(["confidence", "place"], {"image": p})) for p in prints]
    # Ranges are measured on one half of the fingers, and what came of them on the other.
    measured, checked = fingers % 2 == 0, fingers % 2 == 1
    pick = lambda all_, chosen: [all_[i] for i in np.flatnonzero(chosen)]
    records, failures = {}, []
    for name, inputs in (("backbone", prints), ("encoder", uprights)):
        source = options.trained / f"{name}.onnx"
        target, full = options.out / f"{name}.onnx", options.out / "float" / f"{name}.onnx"
        halve(source, full)
        quantize(name, source, target, pick(inputs, measured))
        halve(target, target)
        records[name] = {
            "method": f"static QDQ, int8, min-max, onnxruntime {onnxruntime.__version__}",
            "prints": int(measured.sum()),
            "printsSha256": digest,
            "cosine": alike(source, target, pick(inputs, checked)),
        }
        halves = alike(source, full, pick(inputs, checked))
        for output, of in records[name]["cosine"].items():
            print(
                f"{name:9} {output:12} cosine to float: int8 {of['mean']:.5f}, least {of['least']:.5f}; "
                f"half-precision weights {halves[output]['mean']:.6f}, least {halves[output]['least']:.6f}",
                flush=True,
            )
            if of["mean"] < ALIKE:
                failures.append(f"{name} {output}: mean cosine {of['mean']} of int8 to float, at least {ALIKE} is wanted")
    (options.out / "siamese.onnx").write_bytes((options.trained / "siamese.onnx").read_bytes())
    options.record.write_text(json.dumps(records))
    if failures:
        raise SystemExit("\n".join(failures))


if __name__ == "__main__":
    main()
