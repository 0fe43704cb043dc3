"""The life of an inference job through a client whose types all come from the chain's metadata."""

import hashlib
import json
import os
import pathlib
import struct
import time

from node import ROOT

UNIT = 10**12
PRICE = UNIT // 100
STAKE = 1000 * UNIT
# Blocks within which the job must be done, and how long to wait for it.
BLOCKS = 100
TIMEOUT_S = 120

CACHE = pathlib.Path(
    os.environ.get("CITRATE_CACHE")
    or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "citrate"
)
CARD = {"examples": []} | json.loads((ROOT / "scripts" / "models" / "magika.json").read_text())


# Fields of the card whose values are enums.
ENUMS = (
    "task", "dtype", "shape", "preprocess", "postprocess", "classify", "tolerance", "optimisation", "referee",
)


def pascal(name):
    """`file-window` as types have it: `FileWindow`."""
    return "".join(part.capitalize() for part in name.split("-"))


def in_types(value, key=None):
    """The card's JSON as values of its types: variants begin with a capital, texts are bytes."""
    if isinstance(value, list):
        # These clients write a bounded vector as what it is: a tuple of one vector.
        return ([in_types(item, key) for item in value],)
    if isinstance(value, dict) and key in ENUMS:
        ((name, inner),) = value.items()
        return {pascal(name): in_types(inner, name)}
    if isinstance(value, dict):
        return {name: in_types(inner, name) for name, inner in value.items()}
    if isinstance(value, str):
        return pascal(value) if key in ENUMS else "0x" + value.encode().hex()
    return value


def best_label(output):
    """The label with the highest score in an encoded result of one tensor of 32-bit floats."""
    labels = CARD["postprocess"]["classify"]["inline"].split("\n")
    scores = struct.unpack(f"<{len(labels)}f", output[-4 * len(labels) :])
    score, label = max(zip(scores, labels))
    return label, score


def buys_a_job(chain, submit, event_of, signer, buyer):
    """`signer` registers and serves, `buyer` buys; `event_of(receipt, name)` gives an event's attributes."""
    (path,) = CACHE.glob("magika-*/model.onnx")
    file = path.read_bytes()
    model = "0x" + hashlib.sha256(file).hexdigest()
    stored = chain.rpc_request("inference_putArtifact", ["0x" + file.hex()])
    assert stored["result"] == model
    call = chain.compose_call
    register = call("ModelRegistry", "register", {"model": model, "card": in_types(CARD), "price": PRICE})
    # All at once: from then on the node makes transactions of this account too, with its next nonces.
    serve = [
        call("Staking", "bond", {"role": "Provider", "amount": STAKE}),
        call("Providers", "register", {"session_key": "0x" + signer.public_key.hex(), "capacity": 4}),
        call("Providers", "serve", {"model": model, "price": PRICE}),
    ]
    for step in (register, call("Utility", "batch_all", {"calls": serve})):
        receipt = submit(chain, step, signer)
        assert receipt.is_success, receipt.error_message
    # The node that serves it checks it first.
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        found = chain.query("ModelRegistry", "Registered", [model]).value
        if found["status"] == "Active":
            break
        assert time.monotonic() < deadline, found["status"]
        time.sleep(0.2)
    text = (ROOT / "README.md").read_bytes()
    block = CARD["preprocess"]["file-window"]["block"]
    window = text if len(text) <= 2 * block else text[:block] + text[-block:]
    bought = {
        "model": model,
        "input": {"Inline": "0x" + window.hex()},
        "max_fee": PRICE,
        "policy": "Attested",
        "blocks": BLOCKS,
    }
    receipt = submit(chain, call("InferenceJobs", "submit", bought), buyer)
    assert receipt.is_success, receipt.error_message
    job = event_of(receipt, "JobSubmitted")["job"]
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        state = chain.query("InferenceJobs", "Jobs", [job]).value["state"]
        if isinstance(state, dict) and "Settled" in state:
            break
        assert time.monotonic() < deadline, state
        time.sleep(0.2)
    output = state["Settled"]["output"]["Inline"]
    output = bytes.fromhex(output[2:]) if output.startswith("0x") else output.encode("latin-1")
    label, score = best_label(output)
    assert label == "markdown" and score > 0.9, (label, score)
