// The life of an inference job through @polkadot/api, whose types all come from the chain's metadata: a real model
// is registered and served, a job for a real file is run by the node's engine, checked and paid.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CARD, cardValue, classes, contentHash, modelPath, submission } from './market.mjs';
import { ROOT, startNode } from './node.mjs';
import {
  UNIT, camelCase, connect, devKey, eventOf, names, reason, sendAndFinalise,
} from './polkadot-js.mjs';

const PRICE = UNIT / 100n;
const STAKE = 1_000n * UNIT;

let node, api, owner, provider, buyer, model;

before(async () => {
  node = await startNode();
  api = await connect(node);
  [provider, owner, buyer] = ['//Alice', '//Bob', '//Charlie'].map(devKey);
  const file = readFileSync(modelPath());
  model = contentHash(file);
  assert.equal(await node.rpc('inference_putArtifact', [`0x${file.toString('hex')}`]), model);
});

after(async () => {
  await api?.disconnect();
  await node?.stop();
});

const account = async (who) => (await api.query.system.account(who.address)).data;

/** Submits; resolves with the job's events, of all blocks until it has ended, by name. */
async function run(input, blocks) {
  const events = [];
  let job;
  let done;
  const ended = new Promise((resolve) => (done = resolve));
  const look = () => {
    const mine = events.filter((event) => job && event.data.job.eq(job));
    if (mine.some(({ method }) => /Settled|Refunded|Expired|Cancelled/.test(method))) done(mine);
  };
  const stop = await api.query.system.events((records) => {
    const ours = records.map(({ event }) => event).filter(({ section }) => section === 'inferenceJobs');
    events.push(...ours.filter(({ data }) => data.job));
    look();
  });
  const tx = api.tx.inferenceJobs.submit(model, { Inline: `0x${input.toString('hex')}` }, PRICE, 'Attested', blocks);
  const { result } = await sendAndFinalise(tx, buyer);
  assert.equal(result.dispatchError, undefined, result.dispatchError && reason(api, result.dispatchError));
  job = eventOf(result, 'inferenceJobs', 'JobSubmitted').data.job;
  look();
  const mine = await ended;
  stop();
  return { job, events: Object.fromEntries(mine.map((event) => [event.method, event.data])) };
}

test('a model is registered with its card', async () => {
  const card = cardValue({
    text: (text) => text,
    variant: (name, value) => (value === undefined ? name : { [name]: value }),
    fields: (object) => Object.fromEntries(Object.entries(object).map(([k, v]) => [camelCase(k), v])),
  });
  const before = await account(owner);
  const { result } = await sendAndFinalise(api.tx.modelRegistry.register(model, card, PRICE), owner);
  assert.equal(result.dispatchError, undefined, result.dispatchError && reason(api, result.dispatchError));
  const registered = eventOf(result, 'modelRegistry', 'ModelRegistered').data;
  assert.equal(registered.model.toHex(), model);
  // Byte for byte what the node's own reader makes of the file.
  const [stored, shown] = [
    (await api.query.modelRegistry.registered(model)).unwrap(),
    await node.rpc('inference_model', [model]),
  ];
  assert.deepEqual(shown.card, CARD);
  assert.equal(stored.card.name.toUtf8(), CARD.name);
  assert.ok(stored.card.preprocess.isFileWindow);
  const reserved = (await account(owner)).reserved.toBigInt() - before.reserved.toBigInt();
  assert.equal(reserved, stored.deposit.toBigInt());
  // Until a provider has checked it, it takes no jobs.
  assert.ok(stored.status.isPending);
  const early = api.tx.inferenceJobs.submit(model, { Inline: '0x00' }, PRICE, 'Attested', 100);
  const refused = await sendAndFinalise(early, buyer);
  assert.equal(reason(api, refused.result.dispatchError), 'modelRegistry.Pending');
  const again = await sendAndFinalise(api.tx.modelRegistry.register(model, card, PRICE), owner);
  assert.equal(reason(api, again.result.dispatchError), 'modelRegistry.AlreadyRegistered');
});

test('a provider bonds, names its key and serves', async () => {
  const early = await sendAndFinalise(api.tx.providers.serve(model, PRICE), provider);
  assert.equal(reason(api, early.result.dispatchError), 'providers.NotProvider');
  const { result } = await sendAndFinalise(api.tx.utility.batchAll([
    api.tx.staking.bond('Provider', STAKE),
    api.tx.providers.register(provider.publicKey, 4),
    api.tx.providers.serve(model, PRICE),
  ]), provider);
  assert.equal(result.dispatchError, undefined, names(result).join());
  const ledger = (await api.query.staking.ledgers(provider.address)).unwrap();
  assert.equal(ledger.active.toBigInt(), STAKE);
  assert.deepEqual((await api.query.providers.serving(model)).map(String), [provider.address]);
  const info = (await api.call.inferenceApi.provider(provider.address)).unwrap();
  assert.equal(info.stake.toBigInt(), STAKE);
});

test('the provider\'s node finds the model to be what its card says, and then it takes jobs', async () => {
  let stop;
  const approval = await new Promise((resolve, reject) => {
    api.query.modelRegistry.registered(model, (found) => {
      const { status, approval } = found.unwrap();
      if (status.isActive) resolve(approval.unwrap());
    }).then((unsubscribe) => (stop = unsubscribe), reject);
  });
  stop?.();
  assert.equal(approval.provider.toString(), provider.address);
  assert.equal(approval.engine.name.toUtf8(), 'onnxruntime');
  const shown = await node.rpc('inference_model', [model]);
  assert.equal(shown.status, 'active');
  assert.equal(shown.approvedBy.at, approval.at.toNumber());
});

test('a job is assigned, run, settled and paid, and its result is what the card promises', async () => {
  const before = { buyer: await account(buyer), owner: await account(owner) };
  const input = submission(readFileSync(join(ROOT, 'README.md')));
  const { job, events } = await run(input, 100);
  assert.deepEqual(Object.keys(events), ['JobSubmitted', 'JobAssigned', 'JobSettled']);
  assert.equal(events.JobAssigned.provider.toString(), provider.address);
  const settled = events.JobSettled;
  const parts = [settled.toProvider, settled.toOwner, settled.toTreasury].map((part) => part.toBigInt());
  assert.equal(settled.fee.toBigInt(), PRICE);
  assert.equal(parts.reduce((a, b) => a + b), PRICE);

  const stored = (await api.query.inferenceJobs.jobs(job)).unwrap();
  assert.ok(stored.state.isSettled);
  const output = stored.state.asSettled.output.asInline.toU8a(true);
  assert.equal(contentHash(output), settled.output.toHex());
  const [best] = classes(output);
  assert.equal(best.label, 'markdown');
  assert.ok(best.score > 0.9, `${best.score}`);

  const shown = (await api.call.inferenceApi.job(job)).unwrap();
  assert.deepEqual(shown.status.asSettled.output.asInline.toU8a(true), output);
  assert.equal(shown.status.asSettled.receipt.toHex(), settled.receipt.toHex());
  const after = { buyer: await account(buyer), owner: await account(owner) };
  assert.equal(after.buyer.reserved.toBigInt(), before.buyer.reserved.toBigInt(), 'nothing is left on hold');
  assert.equal(after.owner.free.toBigInt(), before.owner.free.toBigInt() + parts[1]);
});

test('what cannot be bought is refused with its reason', async () => {
  const input = { Inline: '0x00' };
  const submit = (hash, fee, blocks) => api.tx.inferenceJobs.submit(hash, input, fee, 'Attested', blocks);
  for (const [tx, why] of [
    [submit(`0x${'11'.repeat(32)}`, PRICE, 100), 'inferenceJobs.UnknownModel'],
    [submit(model, PRICE - 1n, 100), 'inferenceJobs.FeeTooLow'],
    [submit(model, PRICE, 0), 'inferenceJobs.WrongDeadline'],
  ]) {
    const { result } = await sendAndFinalise(tx, buyer);
    assert.equal(reason(api, result.dispatchError), why);
  }
});
