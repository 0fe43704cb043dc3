"""Transfers from many accounts through many nodes, and what became of them; for `testnet.py --load`.

Signing takes a package that scripts/clients.sh installs; run with that interpreter:
  "$CITRATE_CACHE/venv-substrate-interface/bin/python" scripts/testnet.py --load 40
"""

import hashlib
import time

from substrateinterface import Keypair

UNIT = 10**12
DRAIN_TIMEOUT_S = 180
# Transfers of one account that are not final yet; more wait.
OPEN_MAX = 16


def compact(number):
    if number < 1 << 6:
        return bytes([number << 2])
    if number < 1 << 14:
        return (number << 2 | 1).to_bytes(2, "little")
    if number < 1 << 30:
        return (number << 2 | 2).to_bytes(4, "little")
    body = number.to_bytes((number.bit_length() + 7) // 8, "little")
    return bytes([(len(body) - 4) << 2 | 3]) + body


class Load:
    """Accounts that send, and the figures that follow."""

    def __init__(self, nodes, accounts, rate):
        self.nodes, self.rate = nodes, rate
        version = nodes[0].call("state_getRuntimeVersion")
        self.genesis = bytes.fromhex(nodes[0].call("chain_getBlockHash", 0)[2:])
        versions = version["specVersion"].to_bytes(4, "little") + version["transactionVersion"].to_bytes(4, "little")
        # Versions, genesis, the start of the era, and no metadata hash.
        self.implicit = versions + self.genesis * 2 + b"\0"
        self.keys = [Keypair.create_from_uri(f"//Load{index}") for index in range(accounts)]
        self.sent, self.done, self.refused, self.next = [0] * accounts, [0] * accounts, 0, 0
        self.fund()
        self.first = nodes[0].final()[1] + 1
        self.begun = self.last = time.monotonic()
        self.due = 0.0

    def transfer(self, key, to, amount, nonce):
        call = b"\2\3\0" + to.public_key + compact(amount)
        explicit = b"\0" + compact(nonce) + compact(0) + b"\0"
        payload = call + explicit + self.implicit
        if len(payload) > 256:
            payload = hashlib.blake2b(payload, digest_size=32).digest()
        body = b"\x84\0" + key.public_key + b"\1" + key.sign(payload) + explicit + call
        return "0x" + (compact(len(body)) + body).hex()

    def nonce(self, node, key, at):
        answer = node.call("state_call", "AccountNonceApi_account_nonce", "0x" + key.public_key.hex(), at)
        return int.from_bytes(bytes.fromhex(answer[2:]), "little")

    def fund(self):
        alice, node = Keypair.create_from_uri("//Alice"), self.nodes[0]
        begin = self.nonce(node, alice, node.final()[0])
        for index, key in enumerate(self.keys):
            node.call("author_submitExtrinsic", self.transfer(alice, key, 10 * UNIT, begin + index))
        deadline = time.monotonic() + DRAIN_TIMEOUT_S
        for each in self.nodes:
            while self.nonce(each, alice, each.final()[0]) < begin + len(self.keys):
                if time.monotonic() > deadline:
                    raise RuntimeError("the accounts are not funded in time")
                time.sleep(0.2)

    def step(self):
        """Sends what is due by now."""
        now = time.monotonic()
        self.due = min(self.due + (now - self.last) * self.rate, self.rate)
        self.last = now
        self.look()
        tried = 0
        while self.due >= 1 and tried < len(self.keys):
            index = self.next % len(self.keys)
            self.next += 1
            tried += 1
            if self.sent[index] - self.done[index] >= OPEN_MAX:
                continue
            # Each account's transfers go through all nodes, one after the other.
            node = self.nodes[(index + self.sent[index]) % len(self.nodes)]
            to = self.keys[(index + 1) % len(self.keys)]
            try:
                node.call("author_submitExtrinsic", self.transfer(self.keys[index], to, UNIT // 1000, self.sent[index]))
                self.sent[index] += 1
            except RuntimeError:
                self.refused += 1
            self.due -= 1

    def look(self):
        """Reads one account's nonce in a final state; all of them in turn."""
        index = self.next % len(self.keys)
        node = self.nodes[index % len(self.nodes)]
        self.done[index] = max(self.done[index], self.nonce(node, self.keys[index], node.final()[0]))

    def drain(self):
        """Waits until every transfer is final on every node; how many are not."""
        seconds = time.monotonic() - self.begun
        deadline = time.monotonic() + DRAIN_TIMEOUT_S
        while True:
            missing = 0
            for node in self.nodes:
                at = node.final()[0]
                done = [self.nonce(node, key, at) for key in self.keys]
                missing = max(missing, sum(self.sent) - sum(done))
            if missing == 0 or time.monotonic() > deadline:
                return seconds, missing
            time.sleep(0.5)

    def summary(self):
        seconds, missing = self.drain()
        total, distinct, blocks, reds = 0, set(), 0, 0
        node, height = self.nodes[0], self.first
        end = node.final()[1]
        while height <= end:
            page = node.call("dag_orderedSince", height, 200)
            height = page["next"]
            for block in page["blocks"]:
                blocks += 1
                reds += block["colour"] == "red"
                for extrinsic in node.call("dag_getPayload", block["hash"]) or []:
                    total += 1
                    distinct.add(extrinsic)
        share = 100 * (total - len(distinct)) / max(total, 1)
        pools = [len(node.call("author_pendingExtrinsics")) for node in self.nodes]
        text = (
            f"{sum(self.sent)} transfers of {len(self.keys)} accounts in {seconds:.0f} s, {sum(self.sent) / seconds:.1f} a second, "
            f"{self.refused} refused; {total} in the payloads of {blocks} blocks ({reds} red), {share:.1f} % of them duplicates; "
            f"{missing} not final at the end; left in the pools: {pools}"
        )
        return text, missing
