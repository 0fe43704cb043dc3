// polkadot-api (PAPI), unmodified, against a development node: through the new JSON-RPC groups,
// and through the legacy methods alone when a proxy hides the new ones. Its own tool generates the types.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Binary, Blake2256, Bytes, Option } from '@polkadot-api/substrate-bindings';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { createClient } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';
import { CARD, cardValue, classes, contentHash, modelPath, submission } from './market.mjs';
import { ROOT, runtimeBlob, startNode } from './node.mjs';
import { legacyOnlyProxy } from './legacy-proxy.mjs';

const UNIT = 10n ** 12n;
const PRICE = UNIT / 100n;
// What the upgrade's migration gives to every account: the growth of the existential deposit.
const DIFFERENCE = UNIT / 1000n;

/** Resolves with the first value for which `wanted` holds. */
function firstWhere(observable, wanted) {
  return new Promise((resolve, reject) => {
    const subscription = observable.subscribe({
      next(value) {
        if (!wanted(value)) return;
        resolve(value);
        // The observable may answer before it returns the subscription.
        queueMicrotask(() => subscription.unsubscribe());
      },
      error: reject,
      complete: () => reject(new Error('it ended')),
    });
  });
}

/** Resolves with the numbers of `count` blocks in a row, as they arrive. */
async function numbersOf(blocks$, count) {
  const numbers = [];
  await firstWhere(blocks$, ({ number }) => numbers.push(number) === count);
  return numbers;
}

let generated;

/** The chain's types, as the client's own tool generates them from the node's metadata; once for all tests. */
async function generateTypes(node) {
  // Beside the packages, where the generated code finds the client.
  generated = mkdtempSync(join(import.meta.dirname, '.papi-'));
  const answer = await node.rpc('state_call', ['Metadata_metadata_at_version', '0x10000000']);
  writeFileSync(join(generated, 'citrate.scale'), Option(Bytes()).dec(answer));
  writeFileSync(join(generated, 'package.json'), '{ "type": "module" }');
  const options = { noDescriptorsPackage: true };
  const config = { version: 0, descriptorPath: 'types', entries: {}, options };
  writeFileSync(join(generated, 'papi.json'), JSON.stringify(config));
  const command = ['add', 'citrate', '--file', 'citrate.scale', '--config', 'papi.json'];
  const tool = join(import.meta.dirname, 'node_modules/.bin/papi');
  await promisify(execFile)(tool, command, { cwd: generated });
  return (await import(join(generated, 'types/dist/index.js'))).citrate;
}

let types;

after(() => generated && rmSync(generated, { recursive: true, force: true }));

const eventNames = ({ events }) => events.map((event) => `${event.type}.${event.value.type}`);
const eventOf = ({ events }, pallet, name) =>
  events.find((event) => event.type === pallet && event.value.type === name).value.value;

for (const mode of ['modern', 'legacy']) {
  describe(`PAPI, ${mode}`, () => {
    let node, proxy, client, api, keys, signers, code;

    before(async () => {
      await cryptoWaitReady();
      const keyring = new Keyring({ type: 'sr25519' });
      const pairs = ['Alice', 'Bob', 'Charlie', 'Dave'].map((name) => [name, keyring.addFromUri(`//${name}`)]);
      keys = Object.fromEntries(pairs);
      signers = Object.fromEntries(pairs.map(([name, pair]) =>
        [name, getPolkadotSigner(pair.publicKey, 'Sr25519', (bytes) => pair.sign(bytes))]));
      code = Binary.fromHex(await runtimeBlob('upgraded'));
      node = await startNode();
      types ??= await generateTypes(node);
      let url = node.ws;
      if (mode === 'legacy') {
        proxy = await legacyOnlyProxy(node.ws);
        url = proxy.url;
      }
      client = createClient(getWsProvider(url, { websocketClass: WebSocket }));
      api = client.getTypedApi(types);
    });

    after(async () => {
      client?.destroy();
      await proxy?.close();
      await node?.stop();
    });

    const transfer = (value, to = 'Bob') => api.tx.Balances.transfer_keep_alive({
      dest: { type: 'Id', value: keys[to].address },
      value,
    });
    const free = async (name, ...options) =>
      (await api.query.System.Account.getValue(keys[name].address, ...options)).data.free;
    const asRoot = async (tx) => {
      const result = await api.tx.Sudo.sudo({ call: tx.decodedCall }).signAndSubmit(signers.Alice);
      const { success, value } = eventOf(result, 'Sudo', 'Sudid').sudo_result;
      assert.ok(success, JSON.stringify(value));
      return result;
    };
    const submitted = async (tx, name) => {
      const result = await tx.signAndSubmit(signers[name]);
      assert.equal(result.ok, true, JSON.stringify(result.dispatchError));
      return result;
    };

    test('constants, storage, entries and runtime calls', async () => {
      assert.ok((await api.constants.Balances.ExistentialDeposit()) > 0n);
      const account = await api.query.System.Account.getValue(keys.Alice.address);
      assert.ok(account.data.free > UNIT);
      const entries = await api.query.System.Account.getEntries();
      assert.ok(entries.length >= 2);
      const issuance = await api.query.Balances.TotalIssuance.getValue();
      const sum = entries.reduce((total, { value: { data } }) => total + data.free + data.reserved, 0n);
      assert.equal(sum, issuance, 'issuance is the sum of all accounts');
      const nonce = await api.apis.AccountNonceApi.account_nonce(keys.Alice.address);
      assert.equal(nonce, account.nonce);
      assert.ok((await api.apis.TransactionPaymentApi.query_length_to_fee(100)) > 0n);
      assert.deepEqual(await api.apis.Metadata.metadata_versions(), [14, 15, 16]);
    });

    test('a transfer is finalised and its events decode', async () => {
      const before = await free('Bob');
      assert.ok((await transfer(UNIT).getEstimatedFees(keys.Alice.address)) > 0n);
      const result = await submitted(transfer(2n * UNIT), 'Alice');
      const seen = eventNames(result);
      assert.ok(seen.includes('Balances.Transfer'), seen.join());
      assert.equal(seen.at(-1), 'System.ExtrinsicSuccess');
      assert.equal(await free('Bob'), before + 2n * UNIT);
      const body = await client.getBlockBody(result.block.hash);
      assert.equal(Binary.toHex(Blake2256(body[result.block.index])), result.txHash);
    });

    test('failing transactions give their errors', async () => {
      const poor = await transfer(10n ** 30n).signAndSubmit(signers.Alice);
      assert.equal(poor.ok, false);
      assert.deepEqual(poor.dispatchError, { type: 'Token', value: { type: 'FundsUnavailable', value: undefined } });
      const remark = api.tx.System.remark({ remark: new Uint8Array() });
      const denied = await api.tx.Sudo.sudo({ call: remark.decodedCall }).signAndSubmit(signers.Bob);
      assert.equal(denied.ok, false);
      assert.equal(denied.dispatchError.type, 'Module');
      assert.equal(denied.dispatchError.value.type, 'Sudo');
      assert.equal(denied.dispatchError.value.value.type, 'RequireSudo');
    });

    test('batch_all reverts as a whole, batch keeps what came before', async () => {
      const calls = [transfer(UNIT), transfer(10n ** 30n)].map((tx) => tx.decodedCall);
      const before = await free('Bob');
      const all = await api.tx.Utility.batch_all({ calls }).signAndSubmit(signers.Alice);
      assert.equal(all.ok, false);
      assert.equal(await free('Bob'), before);
      const some = await submitted(api.tx.Utility.batch({ calls }), 'Alice');
      assert.equal(eventOf(some, 'Utility', 'BatchInterrupted').index, 1);
      assert.equal(await free('Bob'), before + UNIT);
    });

    test('new blocks and finalised blocks arrive in order', async () => {
      for (const blocks$ of [client.blocks$, client.finalizedBlock$]) {
        const numbers = await numbersOf(blocks$, 4);
        assert.deepEqual(numbers, numbers.map((_, at) => numbers[0] + at));
      }
      const [best] = await client.getBestBlocks();
      assert.ok(best.number > 0);
    });

    test('a job is bought, run, settled and paid', async () => {
      const file = readFileSync(modelPath());
      const model = contentHash(file);
      assert.equal(await node.rpc('inference_putArtifact', [`0x${file.toString('hex')}`]), model);
      const card = cardValue({
        text: Binary.fromText,
        variant: (type, value) => ({ type, value }),
        fields: (object) => object,
      });
      await submitted(api.tx.ModelRegistry.register({ model, card, price: PRICE }), 'Bob');
      assert.deepEqual((await node.rpc('inference_model', [model])).card, CARD);
      const calls = [
        api.tx.Staking.bond({ role: { type: 'Provider', value: undefined }, amount: 1_000n * UNIT }),
        api.tx.Providers.register({ session_key: Binary.toHex(keys.Alice.publicKey), capacity: 4 }),
        api.tx.Providers.serve({ model, price: PRICE }),
      ].map((tx) => tx.decodedCall);
      const activation = firstWhere(
        api.event.ModelRegistry.ModelActivated.watch(), ({ events }) => events.length > 0);
      await submitted(api.tx.Utility.batch_all({ calls }), 'Alice');
      const { events: [{ payload: activated }] } = await activation;
      assert.deepEqual(activated, { model, provider: keys.Alice.address });

      const input = Uint8Array.from(submission(readFileSync(join(ROOT, 'README.md'))));
      const settlement = firstWhere(
        api.event.InferenceJobs.JobSettled.watch(), ({ events }) => events.length > 0);
      const bought = await submitted(api.tx.InferenceJobs.submit({
        model,
        input: { type: 'Inline', value: input },
        max_fee: PRICE,
        policy: { type: 'Attested', value: undefined },
        blocks: 100,
      }), 'Charlie');
      const { job } = eventOf(bought, 'InferenceJobs', 'JobSubmitted');
      const { events: [{ payload: settled }] } = await settlement;
      assert.equal(settled.job, job);
      assert.equal(settled.provider, keys.Alice.address);
      assert.equal(settled.fee, PRICE);
      assert.equal(settled.to_provider + settled.to_owner + settled.to_treasury, PRICE);
      const shown = await api.apis.InferenceApi.job(job);
      const stored = await api.query.InferenceJobs.Jobs.getValue(job);
      for (const state of [shown.status, stored.state]) {
        assert.equal(state.type, 'Settled');
        assert.equal(state.value.receipt, settled.receipt);
        const output = state.value.output.value;
        assert.equal(contentHash(output), settled.output);
        const [best] = classes(output);
        assert.equal(best.label, 'markdown');
        assert.ok(best.score > 0.9, `${best.score}`);
      }
    });

    test('anybody installs an authorised runtime, and the client follows', async () => {
      const apply = (bytes) => api.tx.System.apply_authorized_upgrade({ code: bytes });
      const unasked = await apply(code).signAndSubmit(signers.Bob);
      assert.equal(unasked.dispatchError.value.value.type, 'NothingAuthorized');
      await asRoot(api.tx.System.authorize_upgrade({ code_hash: Binary.toHex(Blake2256(code)) }));
      const other = await apply(code.subarray(1)).signAndSubmit(signers.Bob);
      assert.equal(other.dispatchError.value.value.type, 'Unauthorized');
      assert.equal((await api.constants.System.Version()).spec_version, 100);

      const deposit = await api.constants.Balances.ExistentialDeposit();
      const before = await free('Dave');
      const installed = await submitted(apply(code), 'Bob');
      assert.ok(eventNames(installed).includes('System.CodeUpdated'));
      const { number, hash } = installed.block;
      await firstWhere(client.finalizedBlock$, (block) => block.number >= number + 2);
      assert.equal((await api.constants.System.Version()).spec_version, 101);
      assert.equal(await api.constants.Balances.ExistentialDeposit(), deposit + DIFFERENCE);
      assert.equal(await free('Dave'), before + DIFFERENCE, 'the migration ran once');
      assert.equal(await free('Dave', { at: hash }), before);

      const paid = await submitted(transfer(UNIT, 'Dave'), 'Bob');
      assert.equal(eventNames(paid).at(-1), 'System.ExtrinsicSuccess');
      assert.equal(await free('Dave'), before + DIFFERENCE + UNIT);
    });
  });
}
