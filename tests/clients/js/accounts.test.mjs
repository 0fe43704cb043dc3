// Accounts of several people, proxies, scheduled calls, the council and tokens through @polkadot/api, unmodified.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createKeyMulti, encodeAddress, sortAddresses } from '@polkadot/util-crypto';
import { startNode } from './node.mjs';
import { UNIT, connect, devKey, eventOf, headWhere, names, reason, sendAndFinalise } from './polkadot-js.mjs';

let node, api;
const people = {};

before(async () => {
  node = await startNode();
  api = await connect(node);
  for (const name of ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie']) people[name] = devKey(`//${name}`);
});

after(async () => {
  await api?.disconnect();
  if (node) assert.equal(await node.stop(), 0, 'the node shuts down cleanly');
});

const free = async (address) => (await api.query.system.account(address)).data.free.toBigInt();
const weightOf = async (tx, who) => (await tx.paymentInfo(who)).weight;

/** Sends, and expects success. */
async function send(tx, who) {
  const { result } = await sendAndFinalise(tx, who);
  assert.equal(result.dispatchError, undefined, result.dispatchError && reason(api, result.dispatchError));
  return result;
}

test('two of three transfer from the account that the client computes', async () => {
  const signatories = ['Bob', 'Charlie', 'Dave'].map((name) => people[name].address);
  const account = encodeAddress(createKeyMulti(signatories, 2), 42);
  const to = devKey('//Somebody').address;
  await send(api.tx.balances.transferKeepAlive(account, 10n * UNIT), people.Alice);
  const call = api.tx.balances.transferKeepAlive(to, 4n * UNIT);
  const others = (name) => sortAddresses(signatories.filter((one) => one !== people[name].address), 42);
  const held = (await api.query.system.account(people.Bob.address)).data.reserved.toBigInt();

  const first = await send(
    api.tx.multisig.approveAsMulti(2, others('Bob'), null, call.method.hash, { refTime: 0, proofSize: 0 }),
    people.Bob);
  assert.equal(eventOf(first, 'multisig', 'NewMultisig').data.multisig.toString(), account);
  const open = (await api.query.multisig.multisigs(account, call.method.hash)).unwrap();
  assert.deepEqual(open.approvals.map(String), [people.Bob.address]);
  const deposit = api.consts.multisig.depositBase.toBigInt() + 2n * api.consts.multisig.depositFactor.toBigInt();
  assert.equal(open.deposit.toBigInt(), deposit);

  const weight = await weightOf(call, people.Dave);
  const stranger = api.tx.multisig.asMulti(2, sortAddresses(signatories.slice(0, 2), 42), open.when, call, weight);
  const refused = await sendAndFinalise(stranger, people.Eve);
  assert.equal(reason(api, refused.result.dispatchError), 'multisig.UnexpectedTimepoint');
  assert.equal(await free(to), 0n);

  const last = await send(api.tx.multisig.asMulti(2, others('Dave'), open.when, call, weight), people.Dave);
  assert.ok(eventOf(last, 'multisig', 'MultisigExecuted').data.result.isOk);
  assert.equal(await free(to), 4n * UNIT);
  assert.equal(await free(account), 6n * UNIT);
  assert.equal((await api.query.system.account(people.Bob.address)).data.reserved.toBigInt(), held);
});

test('a proxy makes the calls of its kind and no others', async () => {
  const { Bob, Charlie } = people;
  await send(api.tx.proxy.addProxy(Charlie.address, 'Staking', 0), Bob);
  const [proxies, deposit] = await api.query.proxy.proxies(Bob.address);
  assert.deepEqual(proxies.map((p) => [p.delegate.toString(), p.proxyType.type, p.delay.toNumber()]),
    [[Charlie.address, 'Staking', 0]]);
  assert.ok(deposit.toBigInt() > 0n);
  const act = async (call) => {
    const result = await send(api.tx.proxy.proxy(Bob.address, null, call), Charlie);
    return eventOf(result, 'proxy', 'ProxyExecuted').data.result;
  };
  const bonded = await act(api.tx.staking.bond('Provider', 200n * UNIT));
  assert.ok(bonded.isOk, bonded.toString());
  assert.ok((await api.query.staking.ledgers(Bob.address)).isSome);
  const theft = await act(api.tx.balances.transferKeepAlive(Charlie.address, UNIT));
  assert.equal(reason(api, theft.asErr), 'system.CallFiltered');
  await send(api.tx.proxy.removeProxy(Charlie.address, 'Staking', 0), Bob);
  const over = await sendAndFinalise(api.tx.proxy.proxy(Bob.address, null, api.tx.staking.chill()), Charlie);
  assert.equal(reason(api, over.result.dispatchError), 'proxy.NotProxy');
});

test('an account without a key is reached through its proxy', async () => {
  const { Eve } = people;
  const created = await send(api.tx.proxy.createPure('Any', 0, 3), Eve);
  const pure = eventOf(created, 'proxy', 'PureCreated').data.pure.toString();
  await send(api.tx.balances.transferKeepAlive(pure, 5n * UNIT), Eve);
  const to = devKey('//Somebody else').address;
  await send(api.tx.proxy.proxy(pure, 'Any', api.tx.balances.transferKeepAlive(to, 2n * UNIT)), Eve);
  assert.equal(await free(to), 2n * UNIT);
  assert.equal(await free(pure), 3n * UNIT);
});

test('a scheduled call is dispatched at its block, a long one from its preimage', async () => {
  const to = devKey('//Later').address;
  // Long enough to be stored by its hash.
  const call = api.tx.utility.batchAll([
    api.tx.system.remark(`0x${'00'.repeat(200)}`),
    api.tx.balances.forceTransfer(people.Ferdie.address, to, UNIT),
  ]);
  const schedule = api.tx.scheduler.scheduleAfter(4, null, 0, call);
  const denied = await sendAndFinalise(schedule, people.Bob);
  assert.equal(reason(api, denied.result.dispatchError), 'BadOrigin');
  const result = await send(api.tx.sudo.sudo(schedule), people.Alice);
  assert.ok(names(result).includes('preimage.Noted'), names(result).join());
  const { when, index } = eventOf(result, 'scheduler', 'Scheduled').data;
  const head = await headWhere(api, (header) => header.number.toNumber() >= when.toNumber());
  const hash = await api.rpc.chain.getBlockHash(when.toNumber());
  const at = await api.at(hash);
  const events = await at.query.system.events();
  const dispatched = events.find(({ event }) => event.section === 'scheduler' && event.method === 'Dispatched');
  assert.ok(dispatched, `in block ${when}, at ${head.number}`);
  assert.deepEqual(dispatched.event.data.task.toJSON(), [when.toNumber(), index.toNumber()]);
  assert.ok(dispatched.event.data.result.isOk);
  assert.equal((await at.query.system.account(to)).data.free.toBigInt(), UNIT);
  const before = await api.at(await api.rpc.chain.getBlockHash(when.toNumber() - 1));
  assert.equal((await before.query.system.account(to)).data.free.toBigInt(), 0n);
});

test('three of five in the council spend the treasury', async () => {
  const { Alice, Bob, Charlie, Ferdie } = people;
  const to = devKey('//Worker').address;
  await send(api.tx.balances.transferKeepAlive(api.consts.treasury.potAccount, 20n * UNIT), Ferdie);
  const spend = api.tx.treasury.spend(null, 15n * UNIT, to, null);
  const denied = await sendAndFinalise(spend, Alice);
  assert.equal(reason(api, denied.result.dispatchError), 'BadOrigin');
  const length = spend.method.encodedLength;
  const proposed = await send(api.tx.council.propose(3, spend, length), Alice);
  const { proposalHash, proposalIndex } = eventOf(proposed, 'council', 'Proposed').data;
  for (const member of [Alice, Bob, Charlie]) {
    await send(api.tx.council.vote(proposalHash, proposalIndex, true), member);
  }
  const votes = (await api.query.council.voting(proposalHash)).unwrap();
  assert.equal(votes.ayes.length, 3);
  const weight = await weightOf(spend, Alice);
  const closed = await send(api.tx.council.close(proposalHash, proposalIndex, weight, length), Ferdie);
  assert.ok(eventOf(closed, 'council', 'Executed').data.result.isOk);
  const { index } = eventOf(closed, 'treasury', 'AssetSpendApproved').data;
  await send(api.tx.treasury.payout(index), Ferdie);
  assert.equal(await free(to), 15n * UNIT);
});

test('a token, and money that is free little by little', async () => {
  const { Bob, Charlie, Dave } = people;
  await send(api.tx.assets.create(42, Bob.address, 1), Bob);
  await send(api.tx.assets.setMetadata(42, 'Token', 'TOK', 6), Bob);
  await send(api.tx.assets.mint(42, Charlie.address, 1_000n), Bob);
  await send(api.tx.assets.transfer(42, Dave.address, 400n), Charlie);
  assert.equal((await api.query.assets.account(42, Dave.address)).unwrap().balance.toBigInt(), 400n);
  assert.equal((await api.query.assets.metadata(42)).symbol.toUtf8(), 'TOK');
  assert.equal((await api.query.assets.asset(42)).unwrap().supply.toBigInt(), 1_000n);

  const target = devKey('//Early').address;
  const start = (await api.rpc.chain.getHeader()).number.toNumber() + 1_000;
  const schedule = { locked: 7n * UNIT, perBlock: UNIT, startingBlock: start };
  await send(api.tx.vesting.vestedTransfer(target, schedule), Dave);
  const balances = await api.derive.balances.all(target);
  assert.equal(balances.vestingLocked.toBigInt(), 7n * UNIT);
  assert.equal(balances.transferable?.toBigInt() ?? balances.availableBalance.toBigInt(), 0n);
});
