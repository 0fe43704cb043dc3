#!/usr/bin/env python3
"""Follows guides literally: runs their commands and writes their files, in an empty folder.

    scripts/guide.py docs/guides/first-chain.md docs/guides/upgrade.md

What a code block is for stands behind its language, where readers do not see it:

    ```sh                      run in the first terminal, which stops at the first command that fails
    ```sh terminal=alice       run in a terminal of its own and left running; the next block waits until a node in it serves
    ```sh terminal=alice stop  the same, after what ran there was stopped, as with Ctrl-C
    ```text output             must have been printed by the block before: these lines, in this order; ... is any text
    ```rust file=a/b.rs        the file's text (any language)
    ```diff file=a/b.rs        a change of the file: lines with -, with +, and around them; ... stands between two places
    ```sh ignore               nothing is done

Several guides follow one another in the same folder, an empty one. `citrate` is the command of CITRATE_BIN, or of target/debug;
FRAMEWORK is the folder of the framework's source.
Exit status 1: a step failed, and the last lines say which one.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# LIMIT: seconds of one block; a cold build of a node is the longest.
STEP_SECONDS = 3_000
# LIMIT: seconds until a node serves.
START_SECONDS = 300
READY = "JSON-RPC: http://"
# What cargo says of a crate that does not compile cleanly.
WARNED = re.compile(r"warning: `.*` \(.*\) generated \d+ warnings?")
FENCE = re.compile(r"^```(\w+)?[ ]*(.*)$")


class Block:
    def __init__(self, place, language, info, lines):
        self.place, self.language, self.text = place, language, "\n".join(lines) + "\n"
        words = info.split()
        self.flags = {word for word in words if "=" not in word}
        self.options = dict(word.split("=", 1) for word in words if "=" in word)


def blocks(path):
    found, lines, head = [], None, None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        fence = FENCE.match(line)
        if lines is not None and line == "```":
            found.append(Block(f"{path.name}:{head[0]}", head[1], head[2], lines))
            lines = None
        elif lines is not None:
            lines.append(line)
        elif fence:
            lines, head = [], (number, fence[1], fence[2])
    if lines is not None:
        raise SystemExit(f"{path.name}: the block that begins in line {head[0]} has no end")
    return found


class Terminal:
    """A shell whose commands run in one session."""

    def __init__(self, name, folder, environment):
        self.name, self.output, self.lock = name, "", threading.Lock()
        self.shell = subprocess.Popen(
            ["bash", "-e"], cwd=folder, env=environment, text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.shell.stdout:
            with self.lock:
                self.output += line

    def printed(self):
        with self.lock:
            return self.output

    def send(self, text):
        with self.lock:
            self.output = ""
        self.shell.stdin.write(text)
        self.shell.stdin.flush()

    def wait(self, marker, seconds):
        """What was printed up to a line that has the marker."""
        end = time.monotonic() + seconds
        while marker not in self.printed():
            if self.shell.poll() is not None:
                time.sleep(0.5)
                if marker in self.printed():
                    break
                raise Failed(f"a command failed; the last lines:\n{tail(self.printed())}")
            if time.monotonic() > end:
                raise Failed(f"nothing after {seconds} s; the last lines:\n{tail(self.printed())}")
            time.sleep(0.1)
        return self.printed().split(marker)[0]

    def stop(self):
        if self.shell.poll() is None:
            os.killpg(self.shell.pid, signal.SIGTERM)
            try:
                self.shell.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.shell.pid, signal.SIGKILL)
                self.shell.wait()


class Failed(Exception):
    pass


def tail(text, lines=30):
    return "\n".join(text.splitlines()[-lines:])


def change(text, diff, name):
    """The text after a change in the form of a diff without line numbers."""
    for hunk in re.split(r"(?m)^\.\.\.\n", diff):
        lines = hunk.splitlines()
        if wrong := [line for line in lines if line[:1] not in ("", " ", "+", "-")]:
            raise Failed(f"not a line of a diff: {wrong[0]}")
        old = "".join(line[1:] + "\n" for line in lines if line[:1] != "+")
        new = "".join(line[1:] + "\n" for line in lines if line[:1] != "-")
        if text.count(old) != 1:
            raise Failed(f"{name} has {text.count(old)} places like this:\n{old}")
        text = text.replace(old, new)
    return text


def expect(printed, wanted):
    at = 0
    for line in wanted.splitlines():
        pattern = ".*".join(re.escape(part.strip()) for part in line.split("..."))
        match = re.compile(pattern).search(printed, at)
        if not match:
            raise Failed(f"not printed: {line}\nwhat was printed:\n{tail(printed)}")
        at = match.end()


class Reader:
    """Somebody who does what a guide says."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        self.main = Terminal("", folder, environment)
        self.others, self.printed, self.steps = {}, "", 0

    def where(self):
        """The folder that the first terminal is in."""
        return pathlib.Path(self.run("pwd\n").split("\n")[0])

    def run(self, text):
        """What commands print. They come from a file, so that none of them reads the next ones."""
        self.steps += 1
        script, marker = self.folder.parent / f"step-{self.steps}.sh", f"guide-step-{self.steps}-done"
        script.write_text(text)
        self.main.send(f". {script} </dev/null\necho {marker}\n")
        return self.main.wait(marker, STEP_SECONDS)

    def step(self, block):
        file = block.options.get("file")
        if "ignore" in block.flags:
            return
        if file:
            path = self.where() / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(change(path.read_text(), block.text, file) if block.language == "diff" else block.text)
        elif "output" in block.flags:
            expect(self.printed, block.text)
        elif block.language == "sh" and (name := block.options.get("terminal")):
            if "stop" in block.flags:
                self.others.pop(name).stop()
            terminal = Terminal(name, self.where(), self.environment)
            self.others[name] = terminal
            terminal.send(block.text)
            terminal.wait(READY, START_SECONDS)
        elif block.language == "sh":
            self.printed = self.run(block.text)
            if warned := WARNED.search(self.printed):
                raise Failed(f"the compiler warns: {warned[0]}\n{tail(self.printed)}")
            self.share_builds()

    def share_builds(self):
        """Lets a new workspace's target folder be the one that this run builds in."""
        shared = self.environment.get("CARGO_TARGET_DIR")
        for folder in (self.folder, *self.folder.iterdir()):
            if shared and (folder / "Cargo.toml").exists() and not (folder / "target").exists():
                (folder / "target").symlink_to(shared, target_is_directory=True)

    def stop(self):
        for terminal in (*self.others.values(), self.main):
            terminal.stop()


def main():
    guides = [pathlib.Path(name).resolve() for name in sys.argv[1:]]
    if not guides:
        raise SystemExit(__doc__)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    binary = pathlib.Path(os.environ.get("CITRATE_BIN", target / "debug/citrate"))
    if not binary.exists():
        raise SystemExit(f"guide: there is no {binary}; run `make node` first")
    # Always the same one, so that what was built there once is not built again.
    folder = target.resolve() / "guide"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/citrate").symlink_to(binary.resolve())
    (folder / "work").mkdir()
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "FRAMEWORK": str(ROOT)}
    environment.pop("SKIP_WASM_BUILD", None)
    reader = Reader(folder / "work", environment)
    try:
        for guide in guides:
            begun = time.monotonic()
            for block in blocks(guide):
                try:
                    reader.step(block)
                except Failed as failed:
                    for name, terminal in reader.others.items():
                        print(f"-- terminal {name}:\n{tail(terminal.printed(), 15)}")
                    raise SystemExit(f"guide: {block.place}: {failed}") from None
            print(f"guide: {guide.name} holds ({time.monotonic() - begun:.0f} s)", flush=True)
    finally:
        reader.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
