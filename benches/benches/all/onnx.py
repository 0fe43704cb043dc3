"""The peer of the inference bench: runs a model with Python's onnxruntime and times itself.

    onnx.py MODEL [NEW]

A run of a model that goes on with a text is so many NEW tokens, the best one each time.

The first line of standard input is the inputs as JSON, a list of [name, type, shape, data in hex]. Every further
line is answered with one: a number N with the nanoseconds that N runs took, `outputs` with the outputs as JSON.
"""
import json
import sys
import time

import numpy as np
import onnxruntime as ort

TYPES = {
    "f32": np.float32, "f64": np.float64, "f16": np.float16, "bool": np.bool_,
    "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64,
    "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64,
}
NAMES = {np.dtype(numpy): name for name, numpy in TYPES.items()}

# As client/inference sets up its sessions.
options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
options.use_deterministic_compute = True
session = ort.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])

inputs = {
    name: np.frombuffer(bytes.fromhex(data), TYPES[dtype]).reshape(shape)
    for name, dtype, shape, data in json.loads(sys.stdin.readline())
}
names = [output.name for output in session.get_outputs()]
caches = [each for each in session.get_inputs() if each.name.startswith("past_key_values.")]


def write(count):
    tokens, read, new = inputs["input_ids"], 0, []
    past = {each.name: np.zeros((1, each.shape[1], 0, each.shape[3]), np.float32) for each in caches}
    while True:
        given = {
            "input_ids": tokens,
            "attention_mask": np.ones((1, read + tokens.size), np.int64),
            "position_ids": np.arange(read, read + tokens.size)[np.newaxis],
        }
        read += tokens.size
        results = dict(zip(names, session.run(names, {**given, **past})))
        past = {each.name: results[each.name.replace("past_key_values", "present")] for each in caches}
        new.append(int(results["logits"][0, -1].argmax()))
        if len(new) == count:
            return [np.array(new)]
        tokens = np.array([[new[-1]]])


if caches:
    names_given, run = ["tokens"], lambda: write(int(sys.argv[2]))
else:
    names_given, run = names, lambda: session.run(names, inputs)
for line in sys.stdin:
    if line.strip() == "outputs":
        arrays = run()
        answer = json.dumps([
            [name, NAMES[array.dtype], array.shape, array.tobytes().hex()]
            for name, array in zip(names_given, arrays)
        ])
    else:
        times = int(line)
        begun = time.perf_counter_ns()
        for _ in range(times):
            run()
        answer = str(time.perf_counter_ns() - begun)
    print(answer, flush=True)
