// polkadot-api (PAPI), unmodified, against a development node: through the new JSON-RPC groups,
// and through the legacy methods alone when a proxy hides the new ones.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { createClient } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';
import { startNode } from './node.mjs';
import { legacyOnlyProxy } from './legacy-proxy.mjs';

const UNIT = 10n ** 12n;

for (const mode of ['modern', 'legacy']) {
  describe(`PAPI, ${mode}`, () => {
    let node, proxy, client, api, signer, alice, bob;

    before(async () => {
      await cryptoWaitReady();
      node = await startNode();
      let url = node.ws;
      if (mode === 'legacy') {
        proxy = await legacyOnlyProxy(node.ws);
        url = proxy.url;
      }
      client = createClient(getWsProvider(url, { websocketClass: WebSocket }));
      api = client.getUnsafeApi();
      const keyring = new Keyring({ type: 'sr25519' });
      alice = keyring.addFromUri('//Alice');
      bob = keyring.addFromUri('//Bob');
      signer = getPolkadotSigner(alice.publicKey, 'Sr25519', (bytes) => alice.sign(bytes));
    });

    after(async () => {
      client?.destroy();
      await proxy?.close();
      await node?.stop();
    });

    const transfer = (value) =>
      api.tx.Balances.transfer_keep_alive({ dest: { type: 'Id', value: bob.address }, value });

    test('constants, storage, entries and a runtime call', async () => {
      assert.ok((await api.constants.Balances.ExistentialDeposit()) > 0n);
      const account = await api.query.System.Account.getValue(alice.address);
      assert.ok(account.data.free > UNIT);
      const entries = await api.query.System.Account.getEntries();
      assert.ok(entries.length >= 2);
      const nonce = await api.apis.AccountNonceApi.account_nonce(alice.address);
      assert.equal(nonce, account.nonce);
    });

    test('a transfer is finalised and its events decode', async () => {
      const before = await api.query.System.Account.getValue(bob.address);
      assert.ok((await transfer(UNIT).getEstimatedFees(alice.address)) > 0n);
      const result = await transfer(2n * UNIT).signAndSubmit(signer);
      assert.equal(result.ok, true, JSON.stringify(result.dispatchError));
      const seen = result.events.map((event) => `${event.type}.${event.value.type}`);
      assert.ok(seen.includes('Balances.Transfer'), seen.join());
      assert.equal(seen.at(-1), 'System.ExtrinsicSuccess');
      const now = await api.query.System.Account.getValue(bob.address);
      assert.equal(now.data.free, before.data.free + 2n * UNIT);
    });

    test('a failing transfer gives its error', async () => {
      const result = await transfer(10n ** 30n).signAndSubmit(signer);
      assert.equal(result.ok, false);
      const text = JSON.stringify(result.dispatchError);
      assert.match(text, /InsufficientBalance|FundsUnavailable/);
    });

    test('finalised blocks arrive in order', async () => {
      const numbers = [];
      await new Promise((resolve, reject) => {
        const subscription = client.finalizedBlock$.subscribe({
          next(block) {
            numbers.push(block.number);
            if (numbers.length === 4) {
              subscription.unsubscribe();
              resolve();
            }
          },
          error: reject,
        });
      });
      assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i));
    });
  });
}
