"""substrate-interface, unmodified, against a development node (metadata V14, legacy RPC)."""

import hashlib

import pytest
from substrateinterface import Keypair, SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

from market import buys_a_job
from node import running_node, runtime_blob

UNIT = 10**12
# What the upgrade's migration gives to every account: the growth of the existential deposit.
DIFFERENCE = UNIT // 1000


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
    return Keypair.create_from_uri("//Alice")


@pytest.fixture(scope="module")
def bob():
    return Keypair.create_from_uri("//Bob")


def free(chain, who):
    return chain.query("System", "Account", [who.ss58_address]).value["data"]["free"]


def transfer_call(chain, dest, value):
    return chain.compose_call(
        "Balances", "transfer_keep_alive", {"dest": dest.ss58_address, "value": value}
    )


def submit(chain, call, signer):
    extrinsic = chain.create_signed_extrinsic(call=call, keypair=signer)
    return chain.submit_extrinsic(extrinsic, wait_for_finalization=True)


def names(receipt):
    return [f"{e.value['module_id']}.{e.value['event_id']}" for e in receipt.triggered_events]


def test_reads(chain, alice):
    assert chain.get_constant("Balances", "ExistentialDeposit").value > 0
    assert free(chain, alice) > UNIT
    accounts = [info.value["data"] for _, info in chain.query_map("System", "Account")]
    issuance = chain.query("Balances", "TotalIssuance").value
    assert sum(data["free"] + data["reserved"] for data in accounts) == issuance
    assert chain.get_account_nonce(alice.ss58_address) == 0


def test_transfer_is_finalised_and_its_events_decode(chain, alice, bob):
    before = free(chain, bob)
    receipt = submit(chain, transfer_call(chain, bob, 2 * UNIT), alice)
    assert receipt.is_success, receipt.error_message
    assert "Balances.Transfer" in names(receipt) and names(receipt)[-1] == "System.ExtrinsicSuccess"
    assert receipt.total_fee_amount > 0
    assert free(chain, bob) == before + 2 * UNIT


def test_failing_call_gives_its_module_error(chain, bob):
    inner = chain.compose_call("System", "remark", {"remark": "0x00"})
    receipt = submit(chain, chain.compose_call("Sudo", "sudo", {"call": inner}), bob)
    assert not receipt.is_success
    assert receipt.error_message["name"] == "RequireSudo"


def test_batches(chain, alice, bob):
    calls = [transfer_call(chain, bob, value) for value in (UNIT, 10**30)]
    before = free(chain, bob)
    whole = submit(chain, chain.compose_call("Utility", "batch_all", {"calls": calls}), alice)
    assert not whole.is_success and free(chain, bob) == before
    some = submit(chain, chain.compose_call("Utility", "batch", {"calls": calls}), alice)
    assert some.is_success and "Utility.BatchInterrupted" in names(some)
    assert free(chain, bob) == before + UNIT


def test_fee_estimate_and_storage_at_an_earlier_block(chain, alice, bob):
    call = transfer_call(chain, bob, UNIT)
    assert chain.get_payment_info(call=call, keypair=alice)["partialFee"] > 0
    head = chain.get_chain_finalised_head()
    number = chain.get_block_number(head)
    assert chain.query("System", "Number", block_hash=head).value == number


def test_a_read_proof_begins_at_the_state_root(chain, alice):
    head = chain.get_chain_finalised_head()
    root = chain.get_block_header(head)["header"]["stateRoot"]
    key = chain.create_storage_key("System", "Account", [alice.ss58_address]).to_hex()
    proof = chain.rpc_request("state_getReadProof", [[key], head])["result"]
    assert proof["at"] == head
    nodes = [bytes.fromhex(node[2:]) for node in proof["proof"]]
    hashes = ["0x" + hashlib.blake2b(node, digest_size=32).hexdigest() for node in nodes]
    assert root in hashes
    # The account's value is too long for its leaf, so that it is one of the nodes.
    value = chain.rpc_request("state_getStorage", [key, head])["result"]
    assert bytes.fromhex(value[2:]) in nodes


def test_a_stale_nonce_is_refused(chain, alice, bob):
    call = transfer_call(chain, bob, UNIT)
    extrinsic = chain.create_signed_extrinsic(call=call, keypair=alice, nonce=0)
    with pytest.raises(SubstrateRequestException, match="1010"):
        chain.submit_extrinsic(extrinsic)


def test_heads_arrive_in_order(chain):
    numbers = []

    def on_head(head, _update_number, _subscription_id):
        numbers.append(int(head["header"]["number"]))
        return numbers if len(numbers) == 3 else None

    chain.subscribe_block_headers(on_head)
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_a_storage_subscription_follows_the_value(chain):
    numbers = []

    def on_value(value, _update_number, _subscription_id):
        numbers.append(value.value)
        return numbers if len(numbers) == 3 else None

    chain.query("System", "Number", subscription_handler=on_value)
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_a_job_is_bought_run_and_settled(chain, alice, bob):
    def event_of(receipt, name):
        events = [e.value for e in receipt.triggered_events]
        (event,) = [e for e in events if e["event_id"] == name]
        return event["attributes"]

    buys_a_job(chain, submit, event_of, alice, bob)


def test_an_upgrade_is_seen(chain, upgraded, alice, bob):
    deposit = chain.get_constant("Balances", "ExistentialDeposit").value
    before = free(chain, bob)
    install = chain.compose_call("System", "set_code", {"code": upgraded})
    receipt = submit(chain, chain.compose_call("Sudo", "sudo", {"call": install}), alice)
    assert receipt.is_success and "System.CodeUpdated" in names(receipt)
    at = chain.get_block_number(receipt.block_hash)

    def on_head(head, _update_number, _subscription_id):
        return True if int(head["header"]["number"]) >= at + 2 else None

    chain.subscribe_block_headers(on_head, finalized_only=True)
    chain.init_runtime()
    assert chain.runtime_version == 101
    assert chain.get_constant("Balances", "ExistentialDeposit").value == deposit + DIFFERENCE
    assert free(chain, bob) == before + DIFFERENCE
    assert submit(chain, transfer_call(chain, bob, UNIT), alice).is_success
    assert free(chain, bob) == before + DIFFERENCE + UNIT
