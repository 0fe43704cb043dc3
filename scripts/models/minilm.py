"""MiniLM with one vector for each text: the mean of its tokens' vectors, of length 1.

The wheel's model gives a vector for each token, which is 17 kB for ten words: more than a chain should hold.
Usage: minilm.py MODEL.onnx OUT.onnx
"""
import sys

import numpy as np
import onnx
from graph import FLOAT, write
from onnx import helper, numpy_helper

WIDTH = 384

source, target = sys.argv[1:]
model = onnx.load(source)
graph = model.graph
node = lambda op, inputs, out, **attributes: graph.node.append(helper.make_node(op, inputs, [out], name=out, **attributes))

for name, value in [("pool_axis_1", [1]), ("pool_axis_2", [2])]:
    graph.initializer.append(numpy_helper.from_array(np.array(value, np.int64), name))
node("Cast", ["attention_mask"], "pool_mask", to=FLOAT)
node("Unsqueeze", ["pool_mask", "pool_axis_2"], "pool_weights")
node("Mul", ["last_hidden_state", "pool_weights"], "pool_weighted")
node("ReduceSum", ["pool_weighted", "pool_axis_1"], "pool_sum", keepdims=0)
node("ReduceSum", ["pool_weights", "pool_axis_1"], "pool_count", keepdims=0)
node("Div", ["pool_sum", "pool_count"], "pool_mean")
node("LpNormalization", ["pool_mean"], "sentence_embedding", axis=1, p=2)
del graph.output[:]
graph.output.append(helper.make_tensor_value_info("sentence_embedding", FLOAT, ["batch", WIDTH]))
write(model, target)
