"""The tokens that Python's tokenizers give for texts, and the texts that it makes of these tokens, as JSON.

Usage: compare.py TOKENIZER.json TEXTS.json
"""
import json
import sys

from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file(sys.argv[1])
tokenizer.no_padding()
tokenizer.no_truncation()
texts = json.load(open(sys.argv[2], encoding="utf-8"))
tokens = [tokenizer.encode(text).ids for text in texts]
print(json.dumps([[ids, tokenizer.decode(ids)] for ids in tokens]))
