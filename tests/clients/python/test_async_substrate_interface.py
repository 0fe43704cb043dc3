"""async-substrate-interface, unmodified, against a development node (metadata V15)."""

import asyncio

import pytest
import sr25519
from async_substrate_interface import AsyncSubstrateInterface
from async_substrate_interface.sync_substrate import SubstrateInterface

from market import buys_a_job
from node import running_node, runtime_blob

UNIT = 10**12
# What the upgrade's migration gives to every account: the growth of the existential deposit.
DIFFERENCE = UNIT // 1000
# The seeds and addresses of Substrate's development accounts.
ALICE_SEED = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB_SEED = "398f0c28f98885e046333d4a41c19cee4c37368a9832c6502f6cfd182e2aef89"
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
def upgraded():
    return runtime_blob("upgraded")


# The blob comes first: building it would keep the client from answering the node.
@pytest.fixture(scope="module")
def chain(upgraded):
    with running_node() as url, SubstrateInterface(url=url) as substrate:
        yield substrate


@pytest.fixture(scope="module")
def alice():
    return Keypair(ALICE_SEED, ALICE)


def free(chain, address):
    return chain.query("System", "Account", [address]).value["data"]["free"]


def transfer_call(chain, value):
    return chain.compose_call("Balances", "transfer_keep_alive", {"dest": BOB, "value": value})


def submit(chain, call, signer):
    extrinsic = chain.create_signed_extrinsic(call=call, keypair=signer)
    return chain.submit_extrinsic(extrinsic, wait_for_finalization=True)


def names(receipt):
    return [f"{e['module_id']}.{e['event_id']}" for e in receipt.triggered_events]


def test_reads_and_a_runtime_call(chain):
    assert chain.get_constant("Balances", "ExistentialDeposit").value > 0
    assert len(list(chain.query_map("System", "Account"))) >= 2
    assert chain.runtime_call("AccountNonceApi", "account_nonce", [ALICE]) == 0
    fee = chain.runtime_call("TransactionPaymentApi", "query_length_to_fee", [100])
    assert fee > 0


def test_a_transfer_is_finalised_and_its_events_decode(chain, alice):
    before = free(chain, BOB)
    receipt = submit(chain, transfer_call(chain, 2 * UNIT), alice)
    assert receipt.is_success, receipt.error_message
    assert "Balances.Transfer" in names(receipt) and names(receipt)[-1] == "System.ExtrinsicSuccess"
    assert free(chain, BOB) == before + 2 * UNIT


def test_failing_calls_give_their_errors(chain, alice):
    poor = submit(chain, transfer_call(chain, 10**30), alice)
    assert not poor.is_success
    assert (poor.error_message["name"], poor.error_message["docs"]) == ("Token", "FundsUnavailable")
    unbonded = submit(chain, chain.compose_call("Staking", "chill", {}), alice)
    assert not unbonded.is_success
    assert unbonded.error_message["name"] == "NotBonded"


def test_batches(chain, alice):
    calls = [transfer_call(chain, value) for value in (UNIT, 10**30)]
    before = free(chain, BOB)
    whole = submit(chain, chain.compose_call("Utility", "batch_all", {"calls": calls}), alice)
    assert not whole.is_success and free(chain, BOB) == before
    some = submit(chain, chain.compose_call("Utility", "batch", {"calls": calls}), alice)
    assert some.is_success and "Utility.BatchInterrupted" in names(some)
    assert free(chain, BOB) == before + UNIT


def test_heads_arrive_in_order(chain):
    numbers = []

    def on_head(head):
        numbers.append(int(head["header"]["number"]))
        return numbers if len(numbers) == 3 else None

    chain.subscribe_block_headers(on_head)
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_the_asynchronous_client_sees_the_same(chain):
    async def read():
        async with AsyncSubstrateInterface(url=chain.url) as client:
            account = await client.query("System", "Account", [BOB])
            deposit = await client.get_constant("Balances", "ExistentialDeposit")
            return account.value["data"]["free"], deposit.value

    seen = (free(chain, BOB), chain.get_constant("Balances", "ExistentialDeposit").value)
    assert asyncio.run(read()) == seen


def test_a_job_is_bought_run_and_settled(chain, alice):
    def event_of(receipt, name):
        (event,) = [e for e in receipt.triggered_events if e["event_id"] == name]
        return event["attributes"]

    buys_a_job(chain, submit, event_of, alice, Keypair(BOB_SEED, BOB))


def test_an_upgrade_is_seen(chain, upgraded, alice):
    deposit = chain.get_constant("Balances", "ExistentialDeposit").value
    before = free(chain, BOB)
    install = chain.compose_call("System", "set_code", {"code": upgraded})
    receipt = submit(chain, chain.compose_call("Sudo", "sudo", {"call": install}), alice)
    assert receipt.is_success and "System.CodeUpdated" in names(receipt)
    at = chain.get_block_number(receipt.block_hash)

    def on_head(head):
        return True if int(head["header"]["number"]) >= at + 2 else None

    chain.subscribe_block_headers(on_head, finalized_only=True)
    chain.init_runtime()
    assert chain.runtime.runtime_version == 101
    assert chain.get_constant("Balances", "ExistentialDeposit").value == deposit + DIFFERENCE
    assert free(chain, BOB) == before + DIFFERENCE
    assert submit(chain, transfer_call(chain, UNIT), alice).is_success
    assert free(chain, BOB) == before + DIFFERENCE + UNIT
