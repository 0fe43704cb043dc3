"""EfficientNet-Lite0 as one graph from a picture's bytes to probabilities, from the weights that PyTorch saved.

A picture is uint8[batch, 224, 224, 3], red, green and blue: the graph scales it itself, so that a job carries a quarter of
what floats would take, and nobody who runs it can scale it in another way.
Usage: efficientnet.py WEIGHTS.pth OUT.onnx
"""
import sys

import numpy as np
import pth
from graph import FLOAT, UINT8, Graph

SIDE, CLASSES = 224, 1000
# Of each stage: blocks, kernel, stride of the first block, expansion, channels in, channels out.
STAGES = [
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
]
EPSILON = 1e-3

weights_path, target = sys.argv[1:]
weights = {name: array.astype(np.float64) for name, array in pth.load(weights_path).items()}
graph = Graph("efficientnet_lite0", opset=13)


def convolve(x, convolution, norm, stride=1, group=1, clipped=True):
    """A convolution with its batch normalisation folded in, then ReLU6."""
    kernel = weights[f"{convolution}.weight"]
    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + EPSILON)
    shift = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    kernel_name = graph.constant(f"{convolution}.kernel", kernel * scale[:, None, None, None], np.float32)
    shift_name = graph.constant(f"{convolution}.shift", shift, np.float32)
    size = list(kernel.shape[2:])
    x = graph.node(
        "Conv", x, kernel_name, shift_name, kernel_shape=size, strides=[stride] * 2, group=group, auto_pad="SAME_UPPER"
    )
    return graph.node("Clip", x, zero, six) if clipped else x


zero, six = graph.constant("zero", 0, np.float32), graph.constant("six", 6, np.float32)
x = graph.input("image", UINT8, ["batch", SIDE, SIDE, 3])
x = graph.node("Transpose", graph.node("Cast", x, to=FLOAT), perm=[0, 3, 1, 2])
x = graph.node("Sub", x, graph.constant("mean", 127, np.float32))
x = graph.node("Div", x, graph.constant("deviation", 128, np.float32))
x = convolve(x, "_conv_stem", "_bn0", stride=2)
block = 0
for blocks, _, first_stride, expansion, first_channels, channels in STAGES:
    for at in range(blocks):
        name = f"_blocks.{block}."
        stride, inner = (first_stride, first_channels) if at == 0 else (1, channels)
        y = x
        if expansion > 1:
            y = convolve(y, name + "_expand_conv", name + "_bn0")
        y = convolve(y, name + "_depthwise_conv", name + "_bn1", stride=stride, group=inner * expansion)
        y = convolve(y, name + "_project_conv", name + "_bn2", clipped=False)
        x = graph.node("Add", y, x) if stride == 1 and inner == channels else y
        block += 1
x = convolve(x, "_conv_head", "_bn1")
x = graph.node("Flatten", graph.node("GlobalAveragePool", x))
matrix = graph.constant("fc.weight", weights["_fc.weight"], np.float32)
x = graph.node("Gemm", x, matrix, graph.constant("fc.bias", weights["_fc.bias"], np.float32), transB=1)
graph.node("Softmax", x, out="probabilities", axis=1)
graph.output("probabilities", FLOAT, ["batch", CLASSES])
graph.save(target)
