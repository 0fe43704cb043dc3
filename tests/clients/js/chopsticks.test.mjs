// Chopsticks, default settings, forks a running development chain and builds on its state.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setupWithServer } from '@acala-network/chopsticks';
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
  await node?.stop();
});

test('a transfer on the fork changes the fork alone', async () => {
  const keyring = new Keyring({ type: 'sr25519' });
  const alice = keyring.addFromUri('//Alice');
  const bob = keyring.addFromUri('//Bob');
  const free = async () => (await api.query.system.account(bob.address)).data.free.toBigInt();
  const before = await free();
  await api.tx.balances.transferKeepAlive(bob.address, UNIT).signAndSend(alice);
  const height = (await api.rpc.chain.getHeader()).number.toNumber();
  await api._rpcCore.provider.send('dev_newBlock', [{ count: 1 }]);
  assert.equal((await api.rpc.chain.getHeader()).number.toNumber(), height + 1);
  assert.equal(await free(), before + UNIT);
});
