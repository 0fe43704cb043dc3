// What the tests through @polkadot/api share.
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

/** One CIT. */
export const UNIT = 10n ** 12n;

/** A client of this node. */
export function connect(node, options = {}) {
  const provider = new WsProvider(node.ws);
  return ApiPromise.create({ provider, noInitWarn: true, ...options });
}

/** The key of a development account, such as `//Alice`. */
export function devKey(uri) {
  return new Keyring({ type: 'sr25519' }).addFromUri(uri);
}

/** Signs and sends; resolves with every status and the result once finalised. */
export function sendAndFinalise(tx, signer) {
  const statuses = [];
  return new Promise((resolve, reject) => {
    tx.signAndSend(signer, (result) => {
      statuses.push(result.status.type);
      if (result.status.isFinalized) resolve({ result, statuses });
      if (result.isError) reject(new Error(result.status.type));
    }).catch(reject);
  });
}

/** The names of a transaction's events. */
export const names = (result) =>
  result.events.map(({ event }) => `${event.section}.${event.method}`);

/** The event of this name. */
export function eventOf(result, section, method) {
  const found = result.events.find(({ event }) => event.section === section && event.method === method);
  if (!found) throw new Error(`no ${section}.${method} in ${names(result)}`);
  return found.event;
}

/** Why a dispatch failed, in the metadata's words. */
export function reason(api, dispatchError) {
  if (!dispatchError.isModule) return dispatchError.toString();
  const { section, name } = api.registry.findMetaError(dispatchError.asModule);
  return `${section}.${name}`;
}

/** Resolves with the first new head, best or final, for which `wanted` holds. */
export function headWhere(api, wanted, kind = 'subscribeNewHeads') {
  return new Promise((resolve, reject) => {
    let stop;
    const check = async (header) => {
      if (!(await wanted(header))) return;
      resolve(header);
      (await stop)();
    };
    stop = api.rpc.chain[kind]((header) => check(header).catch(reject));
    stop.catch(reject);
  });
}

/** A field's name as this client writes it. */
export const camelCase = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
