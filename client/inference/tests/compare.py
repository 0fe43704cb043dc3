"""What Python's onnxruntime gives for magika on whole files: the bits of one list of scores a file, as JSON.

The window is written here once more, after the magika package's own rule, so that the test compares two
readings of it. Usage: compare.py MODEL FILE...
"""
import json
import sys

import numpy as np
import onnxruntime as ort

BLOCK, SIZE, PADDING = 4096, 1024, 256


def window(path):
    content = open(path, "rb").read()
    begin = list(content[:BLOCK].lstrip()[:SIZE])
    end = list(content[max(0, len(content) - BLOCK):].rstrip()[-SIZE:])
    begin += [PADDING] * (SIZE - len(begin))
    end = [PADDING] * (SIZE - len(end)) + end
    return np.array([begin + end], dtype=np.int32)


options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
results = [session.run(["target_label"], {"bytes": window(path)})[0][0] for path in sys.argv[2:]]
print(json.dumps([result.view(np.uint32).tolist() for result in results]))
