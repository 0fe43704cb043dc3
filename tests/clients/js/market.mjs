// What the tests of the inference market share: a real model, its card in a client's types, a result's meaning.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Bytes, Tuple, Vector, str, u32, u8 } from '@polkadot-api/substrate-bindings';
import { ROOT } from './node.mjs';

const cache = process.env.CITRATE_CACHE
  ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'citrate');

/** The path of the model's file, in the folder that scripts/setup.sh puts it in. */
export function modelPath() {
  const folder = readdirSync(cache).find((name) => name.startsWith('magika-'));
  assert.ok(folder, `no model in ${cache}; see \`make setup\``);
  return join(cache, folder, 'model.onnx');
}

/** The path of its card. */
export const CARD_PATH = join(ROOT, 'scripts/models/magika.json');

/** The card as its owner writes it. */
export const CARD = JSON.parse(readFileSync(CARD_PATH, 'utf8'));

/** SHA-256, as hex. */
export const contentHash = (bytes) => `0x${createHash('sha256').update(bytes).digest('hex')}`;

/** `file-window` as types have it: `FileWindow`. */
const pascal = (name) => name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());

/**
 * The card as a value of the type `ModelCard` in a client's notation: how it writes text, enums and fields' names.
 * JSON has a variant as its name, or as an object with the name as its only key.
 */
export function cardValue({ text, variant, fields }) {
  const either = (json, inner = (value) => value) => {
    if (typeof json === 'string') return variant(pascal(json));
    const [[name, value]] = Object.entries(json);
    return variant(pascal(name), inner(value));
  };
  const textOrNumber = (value) => (typeof value === 'string' ? text(value) : value);
  const spec = ({ name, dtype, shape }) => fields({
    name: text(name),
    dtype: either(dtype),
    shape: shape.map((dim) => either(dim, textOrNumber)),
  });
  const tolerance = ({ atol_nano, rtol_nano, outliers_max }) =>
    fields({ atol_nano: BigInt(atol_nano), rtol_nano: BigInt(rtol_nano), outliers_max });
  return fields({
    name: text(CARD.name),
    version: text(CARD.version),
    task: either(CARD.task),
    licence: text(CARD.licence),
    bytes: BigInt(CARD.bytes),
    inputs: CARD.inputs.map(spec),
    outputs: CARD.outputs.map(spec),
    preprocess: either(CARD.preprocess, fields),
    postprocess: either(CARD.postprocess, (labels) => either(labels, text)),
    tolerance: CARD.tolerance.map((one) => either(one, tolerance)),
    engine: fields({ opset: CARD.engine.opset, optimisation: either(CARD.engine.optimisation) }),
    limits: fields({ ...CARD.limits, memory_bytes_max: BigInt(CARD.limits.memory_bytes_max) }),
    assets: CARD.assets,
    referee: either(CARD.referee, ({ fuel, memory_bytes }) =>
      fields({ fuel: BigInt(fuel), memory_bytes: BigInt(memory_bytes) })),
    examples: CARD.examples ?? [],
  });
}

/** The part of a file that its card's window looks at. */
export function submission(file) {
  const { block } = CARD.preprocess['file-window'];
  if (file.length <= 2 * block) return file;
  return Buffer.concat([file.subarray(0, block), file.subarray(file.length - block)]);
}

// The canonical encoding of a result: named tensors, each with its type's index, its shape and its bytes.
const tensors = Vector(Tuple(str, u8, Vector(u32), Bytes()));

/** Checks that a result is what the card promises, and reads it as the card says: labels by score, best first. */
export function classes(output) {
  const decoded = tensors.dec(output);
  assert.deepEqual(tensors.enc(decoded), Uint8Array.from(output), 'the encoding is canonical');
  assert.equal(decoded.length, CARD.outputs.length);
  const [[name, dtype, shape, data]] = decoded;
  const [spec] = CARD.outputs;
  assert.equal(name, spec.name);
  assert.equal(dtype, 0, 'f32 is the first element type');
  const expected = spec.shape.map((dim, axis) => dim.fixed ?? shape[axis]);
  assert.deepEqual([...shape], expected);
  assert.ok(output.length <= CARD.limits.output_bytes_max);
  const labels = CARD.postprocess.classify.inline.split('\n');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const scores = labels.map((label, at) => ({ label, score: view.getFloat32(4 * at, true) }));
  assert.equal(data.length, 4 * labels.length, 'a score for each label');
  const sum = scores.reduce((total, { score }) => total + score, 0);
  assert.ok(Math.abs(sum - 1) < 1e-3, `scores are probabilities: ${sum}`);
  return scores.sort((a, b) => b.score - a.score);
}
