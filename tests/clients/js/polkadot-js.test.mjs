// @polkadot/api, unmodified, against a development node.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { startNode } from './node.mjs';

const UNIT = 10n ** 12n;
let node, api, alice, bob;

before(async () => {
  node = await startNode();
  api = await ApiPromise.create({ provider: new WsProvider(node.ws), noInitWarn: true });
  const keyring = new Keyring({ type: 'sr25519' });
  alice = keyring.addFromUri('//Alice');
  bob = keyring.addFromUri('//Bob');
});

after(async () => {
  await api?.disconnect();
  if (node) assert.equal(await node.stop(), 0, 'the node shuts down cleanly');
});

/** Signs and sends; resolves with every status and the result once finalised. */
function sendAndFinalise(tx, signer) {
  const statuses = [];
  return new Promise((resolve, reject) => {
    tx.signAndSend(signer, (result) => {
      statuses.push(result.status.type);
      if (result.status.isFinalized) resolve({ result, statuses });
      if (result.isError) reject(new Error(result.status.type));
    }).catch(reject);
  });
}

const names = (result) => result.events.map(({ event }) => `${event.section}.${event.method}`);
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

test('a failing transfer gives its module error', async () => {
  const { result } = await sendAndFinalise(
    api.tx.balances.transferKeepAlive(bob.address, 10n ** 30n), alice);
  assert.ok(result.dispatchError, 'it fails');
  const { dispatchError } = result;
  const reason = dispatchError.isModule
    ? api.registry.findMetaError(dispatchError.asModule).name
    : dispatchError.toString();
  assert.match(reason, /InsufficientBalance|FundsUnavailable/);
  assert.ok(names(result).includes('system.ExtrinsicFailed'));
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
});

test('new heads and finalised heads arrive in order', async () => {
  for (const subscribe of [api.rpc.chain.subscribeNewHeads, api.rpc.chain.subscribeFinalizedHeads]) {
    const numbers = [];
    await new Promise((resolve, reject) => {
      subscribe((header) => {
        numbers.push(header.number.toNumber());
        if (numbers.length === 4) resolve();
      }).then((stop) => setTimeout(stop, 5000), reject);
    });
    assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i));
  }
});

test('state at an earlier block and a read proof', async () => {
  const hash = await api.rpc.chain.getFinalizedHead();
  const at = await api.at(hash);
  const number = (await at.query.system.number()).toNumber();
  assert.equal((await api.rpc.chain.getHeader(hash)).number.toNumber(), number);
  const key = api.query.system.number.key();
  const proof = await api.rpc.state.getReadProof([key], hash);
  assert.equal(proof.at.toHex(), hash.toHex());
  assert.ok(proof.proof.length > 0);
  const genesis = await api.rpc.chain.getBlockHash(0);
  assert.equal((await api.query.system.blockHash(0)).toHex(), genesis.toHex());
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
