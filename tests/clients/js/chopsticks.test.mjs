// Chopsticks, default settings, forks a running development chain and builds on its state.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { destroyWorker, setupWithServer } from '@acala-network/chopsticks';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { freePort, startNode } from './node.mjs';

const UNIT = 10n ** 12n;
let node, fork, api;

before(async () => {
  node = await startNode();
  fork = await setupWithServer({ endpoint: node.ws, port: await freePort(), host: '127.0.0.1' });
  const provider = new WsProvider(`ws://${fork.addr}`);
  api = await ApiPromise.create({ provider, noInitWarn: true });
});

after(async () => {
  await api?.disconnect();
  await fork?.close();
  // Its engine runs in a worker of its own, which closing leaves alone.
  await destroyWorker();
  await node?.stop();
});

const keyring = new Keyring({ type: 'sr25519' });
const free = async (who) => (await api.query.system.account(who.address)).data.free.toBigInt();
const height = async () => (await api.rpc.chain.getHeader()).number.toNumber();

/** By default chopsticks builds a block once transactions came in; resolves when one has ours. */
function sendAndInclude(tx, signer) {
  return new Promise((resolve, reject) => {
    tx.signAndSend(signer, (result) => {
      if (result.isInBlock) resolve(result);
      if (result.isError) reject(new Error(result.status.type));
    }).catch(reject);
  });
}

test('a block with a transfer is built on the fork and its events decode', async () => {
  const alice = keyring.addFromUri('//Alice');
  const bob = keyring.addFromUri('//Bob');
  const [bobBefore, heightBefore] = [await free(bob), await height()];
  const tx = api.tx.balances.transferKeepAlive(bob.address, UNIT);
  const result = await sendAndInclude(tx, alice);
  assert.equal(result.dispatchError, undefined);
  const seen = result.events.map(({ event }) => `${event.section}.${event.method}`);
  assert.ok(seen.includes('balances.Transfer'), seen.join());
  assert.equal(seen.at(-1), 'system.ExtrinsicSuccess');
  assert.equal(await height(), heightBefore + 1);
  assert.equal(await free(bob), bobBefore + UNIT);
  const transaction = await node.rpc('dag_getTransaction', [result.txHash.toHex()]);
  assert.equal(transaction, null, 'the chain itself does not know the transaction');
});

test('blocks without transactions are built on request', async () => {
  const before = await height();
  await api._rpcCore.provider.send('dev_newBlock', [{ count: 2 }]);
  assert.equal(await height(), before + 2);
});
