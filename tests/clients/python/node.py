"""Starts a fresh development node for a test file and stops it at the end."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = os.environ.get("CITRATE_BIN", str(TARGET / "debug" / "citrate"))
START_TIMEOUT_S = 120


def runtime_blob(*features):
    """The runtime's blob with these features, as hex; built unless it is there already."""
    command = ["cargo", "run", "--quiet", "--locked", "--package", "citrate-wasm-builder", "--"]
    command += [str(ROOT / "runtime" / "Cargo.toml"), *features]
    path = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return "0x" + pathlib.Path(path.strip()).read_bytes().hex()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def rpc(port, method, params=()):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}", body.encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["result"]


@contextlib.contextmanager
def running_node(*extra_args):
    """Yields the WebSocket URL of a development node that has produced its first block."""
    port = free_port()
    base = tempfile.mkdtemp(prefix="citrate-test-")
    args = [BINARY, "--dev", "--base-path", base, "--rpc-port", str(port), *extra_args]
    log = open(os.path.join(base, "node.log"), "w+")
    process = subprocess.Popen(args, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise RuntimeError("the node did not start:\n" + log.read()[-4000:])
            try:
                if int(rpc(port, "chain_getHeader")["number"], 16) >= 1:
                    break
            except OSError:
                pass
            time.sleep(0.1)
        yield f"ws://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()
        shutil.rmtree(base, ignore_errors=True)
