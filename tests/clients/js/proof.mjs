// Reads a value out of a proof of storage that starts at a state root, as a light client would.
import { Binary, Bytes, trieNodeDec, validateProofs } from '@polkadot-api/substrate-bindings';

/**
 * The value under `key` as hex, or undefined when the proof shows that there is none.
 * Throws if the nodes do not lead from the root to the key.
 */
export function readFromProof(nodes, stateRoot, key) {
  const checked = validateProofs(nodes);
  if (checked?.rootHash !== stateRoot) throw new Error('the proof is not one of this state');
  const resolve = (hash) => {
    const node = checked.proofs[hash];
    if (!node) throw new Error(`the proof lacks ${hash}`);
    return node;
  };
  let node = resolve(stateRoot);
  let path = key.slice(2);
  for (;;) {
    if (!path.startsWith(node.partialKey)) return undefined;
    path = path.slice(node.partialKey.length);
    const isLeaf = node.type.startsWith('Leaf');
    if (path === '') {
      // State version 1: a value of more than 32 bytes is in the trie as its hash.
      if (node.type.endsWith('WithHash')) return resolve(node.value).value;
      // In the node, the value stands behind its length.
      return node.value && Binary.toHex(Bytes().dec(node.value));
    }
    if (isLeaf) return undefined;
    const child = node.children[path[0]];
    if (child === undefined) return undefined;
    // A node shorter than a hash stands in its parent itself.
    node = child.length === 66 ? resolve(child) : trieNodeDec(child);
    path = path.slice(1);
  }
}
