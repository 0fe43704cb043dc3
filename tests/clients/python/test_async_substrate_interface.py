"""async-substrate-interface, unmodified, against a development node (metadata V15)."""

import pytest
import sr25519
from async_substrate_interface.sync_substrate import SubstrateInterface

from node import running_node

UNIT = 10**12
# The seeds and addresses of Substrate's development accounts.
ALICE_SEED = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"


class Keypair:
    """What the client's `Keypair` protocol asks of a signer, over sr25519."""

    crypto_type = 1
    ss58_format = 42

    def __init__(self, seed, ss58_address):
        self._pair = sr25519.pair_from_seed(bytes.fromhex(seed))
        self.public_key = self._pair[0]
        self.ss58_address = ss58_address

    def sign(self, data):
        return sr25519.sign(self._pair, bytes(data))


@pytest.fixture(scope="module")
def chain():
    with running_node() as url, SubstrateInterface(url=url) as substrate:
        yield substrate


def free(chain, address):
    return chain.query("System", "Account", [address]).value["data"]["free"]


def test_reads_and_a_transfer(chain):
    alice = Keypair(ALICE_SEED, ALICE)
    assert chain.get_constant("Balances", "ExistentialDeposit").value > 0
    before = free(chain, BOB)
    for value, succeeds in ((2 * UNIT, True), (10**30, False)):
        call = chain.compose_call(
            "Balances", "transfer_keep_alive", {"dest": BOB, "value": value}
        )
        extrinsic = chain.create_signed_extrinsic(call=call, keypair=alice)
        receipt = chain.submit_extrinsic(extrinsic, wait_for_finalization=True)
        assert receipt.is_success == succeeds, receipt.error_message
    assert receipt.error_message["name"] in ("InsufficientBalance", "FundsUnavailable")
    assert free(chain, BOB) == before + 2 * UNIT
    assert len(list(chain.query_map("System", "Account"))) >= 2
