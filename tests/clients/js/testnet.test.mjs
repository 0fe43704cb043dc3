// @polkadot/api, unmodified, against four validators that make blocks in parallel.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startNode } from './node.mjs';
import { UNIT, connect, devKey, headWhere, sendAndFinalise } from './polkadot-js.mjs';

const nodes = [];
const apis = [];

function validator(name, ...args) {
  const listen = ['--listen-addr', '/ip4/127.0.0.1/tcp/0', '--no-inference', '--pruning', '256'];
  return startNode([`--${name}`, '--validator', ...listen, ...args], ['--chain', 'local']);
}

before(async () => {
  const first = await validator('alice');
  nodes.push(first);
  const [known] = await first.rpc('system_localListenAddresses');
  const started = await Promise.allSettled(
    ['bob', 'charlie', 'dave'].map((name) => validator(name, '--bootnodes', known)));
  nodes.push(...started.filter(({ value }) => value).map(({ value }) => value));
  for (const { reason } of started) if (reason) throw reason;
  for (const node of nodes) apis.push(await connect(node));
});

after(async () => {
  await Promise.all(apis.map((api) => api.disconnect()));
  const codes = await Promise.all(nodes.map((node) => node.stop()));
  assert.deepEqual(codes, codes.map(() => 0), 'the nodes shut down cleanly');
});

/** Resolves once the node has made a block of this number final. */
const finalAt = (api, number) =>
  headWhere(api, (header) => header.number.toNumber() >= number, 'subscribeFinalizedHeads');

test('transfers through two nodes are final on a third', async () => {
  const [eve, ferdie] = [devKey('//Eve'), devKey('//Ferdie')];
  const receivers = [devKey('//Grace'), devKey('//Heidi')];
  const sent = await Promise.all([eve, ferdie].map((sender, index) => {
    const api = apis[index];
    const tx = api.tx.balances.transferKeepAlive(receivers[index].address, UNIT);
    return sendAndFinalise(tx, sender);
  }));
  const third = apis[2];
  for (const [index, { result, statuses }] of sent.entries()) {
    assert.ok(statuses.includes('InBlock'), statuses.join());
    assert.equal(statuses.at(-1), 'Finalized');
    assert.ok(!result.dispatchError);
    const hash = result.status.asFinalized;
    const { number } = await apis[index].rpc.chain.getHeader(hash);
    await finalAt(third, number.toNumber());
    assert.equal((await third.rpc.chain.getBlockHash(number)).toHex(), hash.toHex());
    const { block } = await third.rpc.chain.getBlock(hash);
    assert.ok(block.extrinsics.some((xt) => xt.hash.eq(result.txHash)), 'the same transaction');
    const { data } = await (await third.at(hash)).query.system.account(receivers[index].address);
    assert.equal(data.free.toBigInt(), UNIT);
  }
});

test('heads go over reorganisations, and final ones are one chain', async () => {
  const [api] = apis;
  // By number: the hash that was best last, and how often it changed.
  const best = new Map();
  const final = [];
  let changes = 0;
  const stops = [await api.rpc.chain.subscribeNewHeads((header) => {
    const number = header.number.toNumber();
    if (best.has(number) && best.get(number) !== header.hash.toHex()) changes += 1;
    best.set(number, header.hash.toHex());
  })];
  const begun = (await api.rpc.chain.getHeader()).number.toNumber();
  await new Promise((resolve, reject) => {
    const seen = (header) => {
      final.push(header);
      if (changes > 0 && header.number.toNumber() > begun + 10) resolve();
    };
    api.rpc.chain.subscribeFinalizedHeads(seen).then((stop) => stops.push(stop), reject);
  });
  for (const stop of stops) stop();
  for (const [index, header] of final.entries()) {
    if (index > 0) assert.equal(header.parentHash.toHex(), final[index - 1].hash.toHex());
  }
  const last = final.at(-1);
  await Promise.all(apis.slice(1).map(async (other) => {
    await finalAt(other, last.number.toNumber());
    for (const header of final) {
      const hash = await other.rpc.chain.getBlockHash(header.number.toNumber());
      assert.equal(hash.toHex(), header.hash.toHex(), `block ${header.number}`);
    }
  }));
});

test('blocks beside the selected chain can be asked for', async () => {
  const tips = await nodes[3].rpc('dag_getTips');
  assert.ok(tips.length >= 1);
  const head = await nodes[3].rpc('chain_getFinalizedHead');
  const block = await nodes[3].rpc('dag_getBlock', [head]);
  assert.equal(block.hash, head);
  assert.ok(block.finalized && block.onSelectedChain);
  assert.ok(block.dag.blueScore >= Number(block.header.number), 'parallel blocks count');
});
