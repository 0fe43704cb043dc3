"""substrate-interface, unmodified, against a development node (metadata V14, legacy RPC)."""

import pytest
from substrateinterface import Keypair, SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

from node import running_node

UNIT = 10**12


@pytest.fixture(scope="module")
def chain():
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


def transfer(chain, signer, dest, value):
    call = chain.compose_call(
        "Balances", "transfer_keep_alive", {"dest": dest.ss58_address, "value": value}
    )
    extrinsic = chain.create_signed_extrinsic(call=call, keypair=signer)
    return chain.submit_extrinsic(extrinsic, wait_for_finalization=True)


def test_reads(chain, alice):
    assert chain.get_constant("Balances", "ExistentialDeposit").value > 0
    assert free(chain, alice) > UNIT
    assert len(list(chain.query_map("System", "Account"))) >= 2
    assert chain.get_account_nonce(alice.ss58_address) == 0


def test_transfer_is_finalised_and_its_events_decode(chain, alice, bob):
    before = free(chain, bob)
    receipt = transfer(chain, alice, bob, 2 * UNIT)
    assert receipt.is_success, receipt.error_message
    events = [f"{e.value['module_id']}.{e.value['event_id']}" for e in receipt.triggered_events]
    assert "Balances.Transfer" in events and events[-1] == "System.ExtrinsicSuccess"
    assert receipt.total_fee_amount > 0
    assert free(chain, bob) == before + 2 * UNIT


def test_failing_call_gives_its_module_error(chain, bob):
    inner = chain.compose_call("System", "remark", {"remark": "0x00"})
    call = chain.compose_call("Sudo", "sudo", {"call": inner})
    extrinsic = chain.create_signed_extrinsic(call=call, keypair=bob)
    receipt = chain.submit_extrinsic(extrinsic, wait_for_finalization=True)
    assert not receipt.is_success
    assert receipt.error_message["name"] == "RequireSudo"


def test_fee_estimate_and_storage_at_an_earlier_block(chain, alice, bob):
    call = chain.compose_call(
        "Balances", "transfer_keep_alive", {"dest": bob.ss58_address, "value": UNIT}
    )
    assert chain.get_payment_info(call=call, keypair=alice)["partialFee"] > 0
    head = chain.get_chain_finalised_head()
    number = chain.get_block_number(head)
    assert chain.query("System", "Number", block_hash=head).value == number


def test_a_stale_nonce_is_refused(chain, alice, bob):
    call = chain.compose_call(
        "Balances", "transfer_keep_alive", {"dest": bob.ss58_address, "value": UNIT}
    )
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
