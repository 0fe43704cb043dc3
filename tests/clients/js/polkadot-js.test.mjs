// @polkadot/api, unmodified, against a development node.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startNode } from './node.mjs';
import { UNIT, connect, devKey, names, reason, sendAndFinalise } from './polkadot-js.mjs';
import { readFromProof } from './proof.mjs';

let node, api, alice, bob;

before(async () => {
  node = await startNode();
  api = await connect(node);
  alice = devKey('//Alice');
  bob = devKey('//Bob');
});

after(async () => {
  await api?.disconnect();
  if (node) assert.equal(await node.stop(), 0, 'the node shuts down cleanly');
});

const free = async (who) => (await api.query.system.account(who.address)).data.free.toBigInt();

test('metadata, constants, storage and iteration', async () => {
  assert.equal(api.runtimeVersion.specName.toString(), 'citrate');
  assert.ok(api.consts.balances.existentialDeposit.toBigInt() > 0n);
  assert.ok(api.consts.system.blockHashCount.toNumber() >= 4096);
  assert.ok((await free(alice)) > UNIT);
  const accounts = await api.query.system.account.entries();
  assert.ok(accounts.length >= 2);
  const issuance = (await api.query.balances.totalIssuance()).toBigInt();
  const sum = accounts.reduce(
    (total, [, { data }]) => total + data.free.toBigInt() + data.reserved.toBigInt(), 0n);
  assert.equal(sum, issuance, 'issuance is the sum of all accounts');
});

test('a transfer is in a block, finalised, and its events decode', async () => {
  const before = await free(bob);
  const { result, statuses } = await sendAndFinalise(
    api.tx.balances.transferKeepAlive(bob.address, 3n * UNIT), alice);
  assert.ok(statuses.includes('InBlock'), statuses.join());
  assert.equal(statuses.at(-1), 'Finalized');
  const seen = names(result);
  for (const name of ['balances.Transfer', 'transactionPayment.TransactionFeePaid',
    'system.ExtrinsicSuccess']) {
    assert.ok(seen.includes(name), `${name} in ${seen}`);
  }
  assert.equal(seen.at(-1), 'system.ExtrinsicSuccess');
  assert.equal(await free(bob), before + 3n * UNIT);
  const block = await api.rpc.chain.getBlock(result.status.asFinalized);
  const mine = block.block.extrinsics.find((xt) => xt.hash.eq(result.txHash));
  assert.ok(mine, 'the block holds the bytes that were sent');
});

test('failing transactions give their errors', async () => {
  const poor = await sendAndFinalise(
    api.tx.balances.transferKeepAlive(bob.address, 10n ** 30n), alice);
  assert.match(reason(api, poor.result.dispatchError), /FundsUnavailable/);
  assert.ok(names(poor.result).includes('system.ExtrinsicFailed'));
  const denied = await sendAndFinalise(api.tx.sudo.sudo(api.tx.system.remark('0x')), bob);
  assert.equal(reason(api, denied.result.dispatchError), 'sudo.RequireSudo');
});

test('batch_all reverts as a whole, batch keeps what came before', async () => {
  const good = api.tx.balances.transferKeepAlive(bob.address, UNIT);
  const bad = api.tx.balances.transferKeepAlive(bob.address, 10n ** 30n);
  const before = await free(bob);
  const all = await sendAndFinalise(api.tx.utility.batchAll([good, bad]), alice);
  assert.ok(all.result.dispatchError);
  assert.equal(await free(bob), before);
  const some = await sendAndFinalise(api.tx.utility.batch([good, bad]), alice);
  assert.ok(names(some.result).includes('utility.BatchInterrupted'));
  assert.equal(await free(bob), before + UNIT);
  const force = await sendAndFinalise(api.tx.utility.forceBatch([bad, good]), alice);
  assert.ok(names(force.result).includes('utility.ItemFailed'));
  assert.equal(await free(bob), before + 2n * UNIT);
});

test('fee estimate, nonce and a runtime call', async () => {
  const tx = api.tx.balances.transferKeepAlive(bob.address, UNIT);
  const info = await tx.paymentInfo(alice);
  assert.ok(info.partialFee.toBigInt() > 0n);
  assert.ok(info.weight.refTime.toBigInt() > 0n);
  const nonce = await api.rpc.system.accountNextIndex(alice.address);
  const called = await api.call.accountNonceApi.accountNonce(alice.address);
  assert.ok(nonce.toNumber() >= called.toNumber());
  const signed = await tx.signAsync(alice, { nonce: -1 });
  const details = await api.rpc.payment.queryFeeDetails(signed.toHex());
  assert.ok(details.inclusionFee.unwrap().baseFee.toBigInt() > 0n);
  // The runtime API itself. This client writes a hex string's length before it; of an array it knows what it is.
  const queried = await api.call.transactionPaymentApi.queryInfo(signed.toU8a(), signed.encodedLength);
  assert.equal(queried.partialFee.toBigInt(), info.partialFee.toBigInt());
  assert.equal(queried.weight.toString(), info.weight.toString());
  const byCall = await api.call.transactionPaymentCallApi.queryCallInfo(tx.method, signed.encodedLength);
  assert.equal(byCall.partialFee.toBigInt(), info.partialFee.toBigInt());
});

test('new heads and finalised heads arrive in order', async () => {
  for (const subscribe of [api.rpc.chain.subscribeNewHeads, api.rpc.chain.subscribeFinalizedHeads]) {
    const numbers = [];
    let done;
    const enough = new Promise((resolve) => (done = resolve));
    const stop = await subscribe((header) => {
      if (numbers.push(header.number.toNumber()) === 4) done();
    });
    await enough;
    stop();
    assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i));
  }
});

test('state at an earlier block', async () => {
  const hash = await api.rpc.chain.getFinalizedHead();
  const at = await api.at(hash);
  const number = (await at.query.system.number()).toNumber();
  assert.equal((await api.rpc.chain.getHeader(hash)).number.toNumber(), number);
  const genesis = await api.rpc.chain.getBlockHash(0);
  assert.equal((await api.query.system.blockHash(0)).toHex(), genesis.toHex());
});

test('a read proof leads from the header to the values', async () => {
  const hash = await api.rpc.chain.getFinalizedHead();
  const header = await api.rpc.chain.getHeader(hash);
  assert.equal(header.hash.toHex(), hash.toHex(), 'the header is what the hash names');
  const root = header.stateRoot.toHex();
  const { account, number } = api.query.system;
  // A short value, which is in its node; a long one, which is in a node of its own; and one that is not there.
  const nobody = devKey('//Nobody of all').address;
  const keys = [number.key(), account.key(alice.address), account.key(nobody)];
  const proof = await api.rpc.state.getReadProof(keys, hash);
  assert.equal(proof.at.toHex(), hash.toHex());
  const nodes = proof.proof.map((item) => item.toHex());
  for (const key of keys) {
    const stored = await node.rpc('state_getStorage', [key, hash.toHex()]);
    assert.equal(readFromProof(nodes, root, key) ?? null, stored, key);
  }
  const proven = api.createType('FrameSystemAccountInfo', readFromProof(nodes, root, keys[1]));
  assert.ok(proven.data.free.toBigInt() > UNIT);
  assert.equal(readFromProof(nodes, root, keys[2]), undefined);

  for (const at of nodes.keys()) {
    const forged = nodes.with(at, `${nodes[at].slice(0, -1)}${nodes[at].endsWith('0') ? 1 : 0}`);
    const read = () => keys.map((key) => readFromProof(forged, root, key));
    assert.throws(read, /proof/, `node ${at} with one digit changed`);
  }
  const genesis = (await api.rpc.chain.getHeader(api.genesisHash)).stateRoot.toHex();
  assert.throws(() => readFromProof(nodes, genesis, keys[0]), /not one of this state/);
});

test('bad transactions are refused with clear errors', async () => {
  const tx = api.tx.balances.transferKeepAlive(bob.address, UNIT);
  const stale = await tx.signAsync(alice, { nonce: 0 });
  await assert.rejects(api.rpc.author.submitExtrinsic(stale), /1010.*outdated/s);
  const signed = (await tx.signAsync(alice, { nonce: -1 })).toU8a();
  signed[60] ^= 1;
  await assert.rejects(
    api.rpc.author.submitExtrinsic(`0x${Buffer.from(signed).toString('hex')}`),
    /1010.*bad signature/s);
  await assert.rejects(node.rpc('author_submitExtrinsic', ['0x0c010203']), /./);
});
