"""What Python's onnxruntime gives for the models of `scripts/setup.sh`, as JSON; the same sampling in floats.

Usage: models.py CACHE REQUESTS.json, where a request is one of
  {"embed": TEXT}                       -> the sentence's vector
  {"classify": PIXELS, "picture": PATH} -> probabilities of these pixels, and of the picture as Pillow resamples it
  {"write": TEXT, "new": N, "sampling": null or {"temperature": T, "top_k": K, "top_p": P, "seed": S}} -> token ids
"""
import hashlib
import json
import struct
import sys

import numpy as np
import onnxruntime as ort
from PIL import Image
from tokenizers import Tokenizer

SIDE = 224
END_TOKENS = {0, 2}
cache, requests = sys.argv[1:]
options = ort.SessionOptions()
options.intra_op_num_threads = 1


def session(folder):
    return ort.InferenceSession(f"{cache}/{folder}/model.onnx", options, providers=["CPUExecutionProvider"])


def tokenizer(folder):
    made = Tokenizer.from_file(f"{cache}/{folder}/tokenizer.json")
    made.no_padding()
    made.no_truncation()
    return made


class MiniLM:
    def __init__(self):
        self.session, self.tokenizer = session("minilm-1.0.0"), tokenizer("minilm-1.0.0")

    def answer(self, request):
        encoded = self.tokenizer.encode(request["embed"])
        row = lambda values: np.array([values], np.int64)
        inputs = {
            "input_ids": row(encoded.ids),
            "attention_mask": row(encoded.attention_mask),
            "token_type_ids": row(encoded.type_ids),
        }
        return self.session.run(None, inputs)[0][0].tolist()


class EfficientNet:
    def __init__(self):
        self.session = session("efficientnet-lite0-0.1.0")

    def probabilities(self, pixels):
        return self.session.run(None, {"image": pixels.reshape(1, SIDE, SIDE, 3)})[0][0].tolist()

    def answer(self, request):
        picture = Image.open(request["picture"]).convert("RGB")
        side = min(picture.size)
        left, top = ((length - side) // 2 for length in picture.size)
        picture = picture.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.BICUBIC)
        same = self.probabilities(np.fromfile(request["classify"], np.uint8))
        return {"same": same, "pillow": self.probabilities(np.asarray(picture))}


class SmolLM2:
    def __init__(self):
        self.session, self.tokenizer = session("smollm2-0.1.2"), tokenizer("smollm2-0.1.2")
        self.caches = [each for each in self.session.get_inputs() if each.name.startswith("past_key_values.")]
        self.names = [each.name for each in self.session.get_outputs()]

    def answer(self, request):
        tokens = self.tokenizer.encode(request["write"]).ids
        past = {each.name: np.zeros((1, each.shape[1], 0, each.shape[3]), np.float32) for each in self.caches}
        new, read = [], 0
        while True:
            inputs = {
                "input_ids": np.array([tokens]),
                "attention_mask": np.ones((1, read + len(tokens)), np.int64),
                "position_ids": np.arange(read, read + len(tokens))[np.newaxis],
            }
            read += len(tokens)
            results = dict(zip(self.names, self.session.run(None, {**inputs, **past})))
            past = {each.name: results[each.name.replace("past_key_values", "present")] for each in self.caches}
            scores = results["logits"][0, -1].astype(np.float64)
            new.append(choose(scores, request["sampling"], read))
            if len(new) == request["new"] or new[-1] in END_TOKENS:
                return new
            tokens = new[-1:]


def choose(scores, sampling, position):
    """The token by the definition in `primitives/inference/src/sampling.rs`."""
    if sampling is None:
        return int(scores.argmax())
    order = np.lexsort((np.arange(scores.size), -scores))
    order = order[: sampling["top_k"] or scores.size]
    weights = np.exp((scores[order] - scores[order[0]]) / sampling["temperature"])
    kept = 1 + int(np.searchsorted(np.cumsum(weights), sampling["top_p"] * weights.sum()))
    parts = sorted(zip(order[:kept].tolist(), weights[:kept].tolist()))
    domain = b"CITRATE/inference/draw/v1"
    message = bytes([len(domain) * 4]) + domain + struct.pack("<QI", sampling["seed"], position)
    (draw,) = struct.unpack_from("<Q", hashlib.blake2b(message, digest_size=32).digest())
    target = draw / 2**64 * sum(weight for _, weight in parts)
    for token, weight in parts:
        target -= weight
        if target < 0:
            return token
    return parts[-1][0]


models, results = {}, []
kinds = {"embed": MiniLM, "classify": EfficientNet, "write": SmolLM2}
for request in json.load(open(requests, encoding="utf-8")):
    (kind,) = kinds.keys() & request.keys()
    if kind not in models:
        models[kind] = kinds[kind]()
    results.append(models[kind].answer(request))
print(json.dumps(results))
