"""Reads the tensors of a PyTorch file with numpy alone. Nothing but tensors and dictionaries can come out of it."""
import pickle
import struct
from collections import OrderedDict

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class Reader(pickle.Unpickler):
    def __init__(self, file, storages):
        super().__init__(file)
        self.storages = storages

    def find_class(self, module, name):
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda *parts: parts[:4]  # Storage, offset, shape, strides.
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        raise pickle.UnpicklingError(f"{module}.{name} is no tensor")

    def persistent_load(self, about):
        _, dtype, key = about[:3]
        self.storages[key] = dtype
        return key


def load(path):
    """Each tensor's array by its name."""
    types = {}
    with open(path, "rb") as file:
        read = lambda: Reader(file, types).load()
        if read() != MAGIC:
            raise ValueError(f"{path} is no PyTorch file of the old kind")
        read(), read()  # The protocol's version, and the writer's word sizes.
        tensors = read()
        storages = {}
        for key in read():
            (count,) = struct.unpack("<q", file.read(8))
            storages[key] = np.frombuffer(file.read(count * types[key].itemsize), types[key])
    arrays = {}
    for name, (key, offset, shape, strides) in tensors.items():
        storage = storages[key][offset:]
        if sum((size - 1) * stride for size, stride in zip(shape, strides)) >= storage.size:
            raise ValueError(f"{path}: {name} is longer than what is there")
        # Not every tensor lies in its shape's order.
        strides = [stride * storage.itemsize for stride in strides]
        arrays[name] = np.lib.stride_tricks.as_strided(storage, shape, strides)
    return arrays
