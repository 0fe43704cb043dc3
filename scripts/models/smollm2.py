"""SmolLM2 as a graph with a cache of keys and values, and its tokenizer, both out of a GGUF file.

The layers keep the file's own 4-bit codes: a weight is d q + m with a scale d and a minimum m for each 32 of them.
MatMulNBits takes codes with the zero point 8, so y = MatMulNBits(x, q, d) + sums(x) (m + 8 d), which is exact. The
embedding, which is the output matrix too, stays in the file's 8-bit codes and becomes floats when the model is loaded.
Names are those that Optimum gives to such models.
Usage: smollm2.py MODEL.gguf OUT.onnx TOKENIZER.json
"""
import math
import sys
from decimal import Decimal

import numpy as np
from gguf import GGUFReader
from graph import FLOAT, INT64, Graph
from onnx import TensorProto
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

BLOCK = 32
CONTROL_TOKEN = 3

source, target, tokenizer_target = sys.argv[1:]
reader = GGUFReader(source)
field = lambda name: reader.fields[name].contents()
tensors = {tensor.name: tensor for tensor in reader.tensors}
LAYERS, WIDTH, VOCABULARY = (field(f"llama.{name}") for name in ("block_count", "embedding_length", "vocab_size"))
HEADS, KEY_HEADS = field("llama.attention.head_count"), field("llama.attention.head_count_kv")
HEAD, CONTEXT = field("llama.rope.dimension_count"), field("llama.context_length")
GROUP = HEADS // KEY_HEADS
graph = Graph("smollm2", opset=17)
node, ints = graph.node, graph.ints


def halves(blocks, at):
    """The half-precision number at a byte of each block."""
    return blocks[..., at : at + 2].copy().view("<f2")[..., 0].astype(np.float32)


def unpermuted(rows, heads):
    """Rows of a head in the order of the graph's rotation: the file has them in pairs."""
    return rows.reshape(heads, rows.shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def linear(x, name, heads=None):
    tensor = tensors[name]
    assert tensor.tensor_type.name == "Q4_1", (name, tensor.tensor_type)
    columns, rows = map(int, tensor.shape)
    blocks = columns // BLOCK
    raw = np.asarray(tensor.data).reshape(rows, -1)
    raw = (unpermuted(raw, heads) if heads else raw).reshape(rows, blocks, 20)
    scale, minimum, codes = halves(raw, 0), halves(raw, 2), raw[..., 4:]
    # The low halves of the bytes are the first 16 weights; MatMulNBits wants neighbours in one byte.
    codes = np.concatenate([codes & 15, codes >> 4], -1)
    packed = (codes[..., 0::2] | codes[..., 1::2] << 4).astype(np.uint8)
    matrix = graph.constant(f"{name}.codes", packed), graph.constant(f"{name}.scale", scale)
    product = node("MatMulNBits", x, *matrix, domain="com.microsoft", K=columns, N=rows, bits=4, block_size=BLOCK)
    sums = node("ReduceSum", node("Reshape", x, ints(0, 0, blocks, BLOCK)), ints(3), keepdims=0)
    return node("Add", product, node("MatMul", sums, graph.constant(f"{name}.minimum", (minimum + 8 * scale).T)))


def norm(x, name):
    mean = node("ReduceMean", node("Mul", x, x), axes=[-1], keepdims=1)
    root = node("Sqrt", node("Add", mean, epsilon))
    return node("Mul", node("Div", x, root), graph.constant(name, np.asarray(tensors[name].data), np.float32))


def split(x, count):
    """[batch, sequence, count x HEAD] as [batch, count, sequence, HEAD]."""
    return node("Transpose", node("Reshape", x, ints(0, 0, count, HEAD)), perm=[0, 2, 1, 3])


def rotate(x):
    half = HEAD // 2
    first, second = (node("Slice", x, ints(at), ints(at + half), ints(3)) for at in (0, half))
    turned = node("Sub", node("Mul", first, cosine), node("Mul", second, sine))
    return node("Concat", turned, node("Add", node("Mul", second, cosine), node("Mul", first, sine)), axis=3)


def cached(layer, kind, x):
    past = graph.input(f"past_key_values.{layer}.{kind}", FLOAT, ["batch", KEY_HEADS, "past", HEAD])
    graph.output(f"present.{layer}.{kind}", FLOAT, ["batch", KEY_HEADS, "total", HEAD])
    return node("Concat", past, x, out=f"present.{layer}.{kind}", axis=2)


def attend(layer, query, key, value):
    """Each head's mixture of the values; GROUP heads share a key head."""
    key, value = cached(layer, "key", key), cached(layer, "value", value)
    query = node("Reshape", node("Mul", query, scale), ints(0, KEY_HEADS, -1, HEAD))
    scores = node("MatMul", query, node("Transpose", key, perm=[0, 1, 3, 2]))
    parts = node("Softmax", node("Add", node("Reshape", scores, by_head), mask), axis=-1)
    mixed = node("MatMul", node("Reshape", parts, by_row), value)
    mixed = node("Transpose", node("Reshape", mixed, ints(0, HEADS, -1, HEAD)), perm=[0, 2, 1, 3])
    return node("Reshape", mixed, ints(0, 0, WIDTH))


def angles(function):
    """Of every position and frequency. The frequencies are rounded once, so that every machine writes the same file."""
    base = Decimal(int(field("llama.rope.freq_base")))
    frequencies = [float(base ** (Decimal(-2 * at) / HEAD)) for at in range(HEAD // 2)]
    table = [[function(position * frequency) for frequency in frequencies] for position in range(CONTEXT)]
    table = graph.constant(function.__name__, table, np.float32)
    return node("Unsqueeze", node("Gather", table, positions), ints(1))


def masked():
    """What is added to the scores: nothing, or so much that a later or padded token counts nothing."""
    queries = node("Unsqueeze", node("Add", node("Range", zero, new, one), node("Sub", total, new)), ints(1))
    keys = node("Unsqueeze", node("Range", zero, total, one), ints(0))
    is_real = node("Cast", node("Unsqueeze", attention, ints(1, 2, 3)), to=TensorProto.BOOL)
    allowed = node("And", node("GreaterOrEqual", queries, keys), is_real)
    nothing, much = graph.constant("nothing", 0, np.float32), graph.constant("much", -1e9, np.float32)
    return node("Where", allowed, nothing, much)


def embedding():
    """The table as floats [VOCABULARY, WIDTH], computed when the model is loaded."""
    raw = np.asarray(tensors["token_embd.weight"].data).reshape(VOCABULARY, WIDTH // BLOCK, BLOCK + 2)
    codes = graph.constant("embedding.codes", raw[..., 2:].copy().view(np.int8))
    sizes = graph.constant("embedding.scale", halves(raw, 0)[..., None])
    return node("Reshape", node("Mul", node("Cast", codes, to=FLOAT), sizes), ints(VOCABULARY, WIDTH))


tokens = graph.input("input_ids", INT64, ["batch", "sequence"])
attention = graph.input("attention_mask", INT64, ["batch", "total"])
positions = graph.input("position_ids", INT64, ["batch", "sequence"])
graph.output("logits", FLOAT, ["batch", "sequence", VOCABULARY])
zero, one = graph.constant("zero", 0, np.int64), graph.constant("one", 1, np.int64)
epsilon = graph.constant("epsilon", field("llama.attention.layer_norm_rms_epsilon"), np.float32)
scale = graph.constant("scale", HEAD**-0.5, np.float32)
new, total = (node("Gather", node("Shape", x), one) for x in (tokens, attention))
mask, cosine, sine = masked(), angles(math.cos), angles(math.sin)
lengths = [node("Unsqueeze", x, ints(0)) for x in (new, total)]
by_head = node("Concat", ints(0, KEY_HEADS, GROUP), *lengths, axis=0)
by_row = node("Concat", ints(0, KEY_HEADS, -1), lengths[1], axis=0)
table = embedding()
x = node("Gather", table, tokens)
for layer in range(LAYERS):
    name = f"blk.{layer}."
    y = norm(x, f"{name}attn_norm.weight")
    query = rotate(split(linear(y, f"{name}attn_q.weight", HEADS), HEADS))
    key = rotate(split(linear(y, f"{name}attn_k.weight", KEY_HEADS), KEY_HEADS))
    value = split(linear(y, f"{name}attn_v.weight"), KEY_HEADS)
    x = node("Add", x, linear(attend(layer, query, key, value), f"{name}attn_output.weight"))
    y = norm(x, f"{name}ffn_norm.weight")
    gate = linear(y, f"{name}ffn_gate.weight")
    y = node("Mul", node("Mul", gate, node("Sigmoid", gate)), linear(y, f"{name}ffn_up.weight"))
    x = node("Add", x, linear(y, f"{name}ffn_down.weight"))
node("MatMul", norm(x, "output_norm.weight"), node("Transpose", table, perm=[1, 0]), out="logits")
graph.save(target)

words, kinds = field("tokenizer.ggml.tokens"), field("tokenizer.ggml.token_type")
merges = [tuple(merge.split(" ")) for merge in field("tokenizer.ggml.merges")]
tokenizer = Tokenizer(models.BPE(vocab={word: at for at, word in enumerate(words)}, merges=merges))
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
)
tokenizer.decoder = decoders.ByteLevel()
controls = [word for word, kind in zip(words, kinds) if kind == CONTROL_TOKEN]
tokenizer.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in controls])
tokenizer.save(tokenizer_target, pretty=False)
