// A runtime upgrade through @polkadot/api: neither the node nor the client restarts.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Binary, Tuple, str, u32, u8 } from '@polkadot-api/substrate-bindings';
import { CARD_PATH, modelPath } from './market.mjs';
import { BINARY, ROOT, runtimeBlob, startNode } from './node.mjs';
import {
  UNIT, connect, devKey, eventOf, headWhere, names, reason, sendAndFinalise,
} from './polkadot-js.mjs';

const CODE = '0x3a636f6465'; // :code
const WORKER = '0x3a776f726b6572'; // :worker
// What the migration gives to every account: the growth of the existential deposit.
const DIFFERENCE = UNIT / 1000n;

let node, api, alice, bob, code, worker;

before(async () => {
  code = await runtimeBlob('upgraded');
  worker = await runtimeBlob('upgraded', 'worker');
  node = await startNode();
  api = await connect(node);
  alice = devKey('//Alice');
  bob = devKey('//Bob');
});

after(async () => {
  await api?.disconnect();
  if (node) assert.equal(await node.stop(), 0, 'the node shuts down cleanly');
});

const free = async (at, who) => (await at.query.system.account(who.address)).data.free.toBigInt();
const storedCode = async () => (await node.rpc('state_getStorage', [CODE])).slice(2);

/** A sound module that says it is the next runtime, and exports nothing. */
function emptyRuntime() {
  // Names, versions, no runtime APIs, the versions of transactions and of the system.
  const version = Tuple(str, str, u32, u32, u32, u8, u32, u8);
  const section = version.enc(['citrate', 'citrate', 1, 101, 1, 0, 1, 1]);
  const name = Uint8Array.of(15, ...Buffer.from('runtime_version'));
  const size = name.length + section.length;
  return Binary.toHex(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, size, ...name, ...section));
}

/** Installs as root; resolves with what the call returned and with the transaction's result. */
async function asRoot(call) {
  const { result } = await sendAndFinalise(api.tx.sudo.sudo(call), alice);
  const [outcome] = eventOf(result, 'sudo', 'Sudid').data;
  return { outcome, result };
}

test('what is no newer runtime is refused with its reason, and the chain goes on', async () => {
  const stored = await storedCode();
  const noise = `0x0061736d01000000${'ab'.repeat(1000)}`;
  const truncated = code.slice(0, code.length / 2);
  for (const [what, blob, why] of [
    ['noise', noise, 'system.FailedToExtractRuntimeVersion'],
    ['no bytes', '0x', 'system.FailedToExtractRuntimeVersion'],
    ['half a runtime', truncated, 'system.FailedToExtractRuntimeVersion'],
    ['a worker, which imports the inference engine', worker, 'system.FailedToExtractRuntimeVersion'],
    ['a version without a runtime', emptyRuntime(), 'system.FailedToExtractRuntimeVersion'],
    ['the runtime that runs', `0x${stored}`, 'system.SpecVersionNeedsToIncrease'],
  ]) {
    const { outcome, result } = await asRoot(api.tx.system.setCode(blob));
    assert.ok(outcome.isErr, what);
    assert.equal(reason(api, outcome.asErr), why, what);
    assert.ok(!names(result).includes('system.CodeUpdated'), what);
  }
  assert.equal(await storedCode(), stored, 'the code is as it was');
  assert.equal(api.runtimeVersion.specVersion.toNumber(), 100);
  const paid = await sendAndFinalise(api.tx.balances.transferKeepAlive(bob.address, UNIT), alice);
  assert.equal(paid.result.dispatchError, undefined);
  const notRoot = await sendAndFinalise(api.tx.system.setCode(code), bob);
  assert.match(notRoot.result.dispatchError.toString(), /BadOrigin/i);
});

test('code and worker are replaced in one batch, and the client follows', async () => {
  const depositBefore = api.consts.balances.existentialDeposit.toBigInt();
  const bobBefore = await free(api, bob);
  const versions = [];
  const stop = await api.rpc.state.subscribeRuntimeVersion((version) =>
    versions.push(version.specVersion.toNumber()));
  const followed = new Promise((resolve) => api.once('decorated', resolve));

  const batch = api.tx.utility.batchAll([
    api.tx.system.setStorage([[WORKER, worker]]),
    api.tx.system.setCode(code),
  ]);
  const { result } = await sendAndFinalise(api.tx.sudo.sudo(batch), alice);
  const upgrade = await api.rpc.chain.getHeader(result.status.asFinalized);
  const logs = upgrade.digest.logs.map((log) => log.type);
  assert.ok(logs.includes('RuntimeEnvironmentUpdated'), logs.join());

  await followed;
  assert.equal(api.runtimeVersion.specVersion.toNumber(), 101);
  assert.equal(api.consts.balances.existentialDeposit.toBigInt(), depositBefore + DIFFERENCE);
  assert.deepEqual([versions[0], versions.at(-1)], [100, 101]);
  stop();

  const number = upgrade.number.toNumber();
  await headWhere(api, (head) => head.number.toNumber() >= number + 3, 'subscribeFinalizedHeads');
  assert.equal(await free(api, bob), bobBefore + DIFFERENCE, 'the migration ran once');
  const last = await api.query.system.lastRuntimeUpgrade();
  assert.equal(last.unwrap().specVersion.toNumber(), 101);
  const issuance = (await api.query.balances.totalIssuance()).toBigInt();
  const accounts = await api.query.system.account.entries();
  const sum = accounts.reduce(
    (total, [, { data }]) => total + data.free.toBigInt() + data.reserved.toBigInt(), 0n);
  assert.equal(sum, issuance, 'issuance is still the sum of all accounts');

  // Another client: the first one may have read the upgrade's own block with the types of after, since it changes
  // its only registry when it hears of the new version.
  const late = await connect(node);
  try {
    const records = await (await late.at(upgrade.hash)).query.system.events();
    const events = records.map(({ event }) => event);
    assert.ok(events.some(({ method }) => method === 'CodeUpdated'));
    const [outcome] = events.find(({ method }) => method === 'Sudid').data;
    assert.ok(outcome.isOk, outcome.toString());
    const seen = [];
    for (const height of [number - 1, number, number + 1, number + 2, number + 3]) {
      const at = await late.at(await late.rpc.chain.getBlockHash(height));
      const { specVersion } = at.runtimeVersion;
      seen.push([specVersion.toNumber(), at.consts.balances.existentialDeposit.toBigInt(), await free(at, bob)]);
    }
    const before = [100, depositBefore, bobBefore];
    const after = [101, depositBefore + DIFFERENCE, bobBefore + DIFFERENCE];
    // The block that stores the new code is still one of the old runtime; the next one migrates.
    assert.deepEqual(seen, [before, before, after, after, after]);
  } finally {
    await late.disconnect();
  }
});

test('a transfer signed after the upgrade works, and by the new rules', async () => {
  const before = await free(api, bob);
  const { result } = await sendAndFinalise(api.tx.balances.transferKeepAlive(bob.address, UNIT), alice);
  assert.equal(result.dispatchError, undefined);
  assert.equal(await free(api, bob), before + UNIT);
  // Enough for the old existential deposit, too little for the new one.
  const nobody = devKey('//Nobody');
  const poor = await sendAndFinalise(
    api.tx.balances.transferKeepAlive(nobody.address, DIFFERENCE), alice);
  assert.match(reason(api, poor.result.dispatchError), /BelowMinimum|ExistentialDeposit/);
});

test('the worker of the new runtime runs jobs', async () => {
  const files = ['--model', modelPath(), '--card', CARD_PATH, '--file', join(ROOT, 'README.md')];
  const { stdout } = await promisify(execFile)(BINARY, ['demo', '--node', node.http, ...files]);
  assert.match(stdout, /`README\.md` is `markdown`, 0\.9/);
  assert.match(stdout, /settled +block \d+/);
});
