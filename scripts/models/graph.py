"""A graph of ONNX operators that is written down one call a node, and saved as the same bytes every time."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, UINT8 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.UINT8


class Graph:
    def __init__(self, name, opset):
        self.name, self.opset = name, opset
        self.nodes, self.constants, self.inputs, self.outputs = [], {}, [], []
        self.domains = set()

    def input(self, name, dtype, shape):
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name, dtype, shape):
        self.outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def constant(self, name, values, dtype=None):
        """A constant; one that was there before under this name is used again."""
        if name not in self.constants:
            array = np.array(values, dtype=dtype, order="C")
            self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def ints(self, *values):
        return self.constant("ints_" + "_".join(map(str, values)), values, np.int64)

    def node(self, op, *inputs, out=None, domain="", **attributes):
        out = out or f"{op}_{len(self.nodes)}"
        self.domains.add(domain)
        self.nodes.append(helper.make_node(op, inputs, [out], name=out, domain=domain, **attributes))
        return out

    def save(self, path):
        opsets = [helper.make_opsetid("", self.opset)]
        opsets += [helper.make_opsetid(domain, 1) for domain in sorted(self.domains - {""})]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, list(self.constants.values()))
        write(helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="citrate"), path)


def write(model, path):
    onnx.checker.check_model(model)
    with open(path, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))
