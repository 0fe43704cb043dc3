"""What Python's onnxruntime gives for magika on whole files, as JSON: for each file the model's input as numpy makes
it here, the same as the magika package makes it, and the bits of the list of scores.

The window is written here once more, after the package's rule, so that the test compares three readings of it.
Usage: compare.py MODEL FILE...
"""
import io
import json
import sys

import numpy as np
import onnxruntime as ort
from magika import Magika
from magika.types import Seekable

BLOCK, SIZE, PADDING = 4096, 1024, 256
SPACE = np.frombuffer(b" \t\n\r\x0b\x0c", dtype=np.uint8)


def window(content):
    row = np.full(2 * SIZE, PADDING, dtype=np.int32)
    content = np.frombuffer(content, dtype=np.uint8)
    first, last = content[:BLOCK], content[-BLOCK:]
    kept = np.flatnonzero(~np.isin(first, SPACE))
    if kept.size:
        head = first[kept[0] :][:SIZE]
        row[: head.size] = head
    kept = np.flatnonzero(~np.isin(last, SPACE))
    if kept.size:
        tail = last[: kept[-1] + 1][-SIZE:]
        row[2 * SIZE - tail.size :] = tail
    return row


def reference(content):
    features = Magika._extract_features_from_seekable(Seekable(io.BytesIO(content)), SIZE, 0, SIZE, PADDING, BLOCK, False)
    return features.beg + features.end


options = ort.SessionOptions()
options.intra_op_num_threads = 1
session = ort.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
results = []
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        content = file.read()
    row = window(content)
    scores = session.run(["target_label"], {"bytes": row[np.newaxis]})[0][0]
    results.append(
        {"window": row.tolist(), "reference": reference(content), "scores": scores.view(np.uint32).tolist()}
    )
print(json.dumps(results))
