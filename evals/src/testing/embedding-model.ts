import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A safetensors file with one matrix. */
export function safetensors(name: string, dtype: 'F16' | 'F32' | 'I8', rows: readonly (readonly number[])[]): Uint8Array {
  const size = { F16: 2, F32: 4, I8: 1 }[dtype];
  const flat = rows.flat();
  const data = new DataView(new ArrayBuffer(flat.length * size));
  for (const [index, value] of flat.entries()) {
    if (dtype === 'F16') data.setFloat16(index * 2, value, true);
    else if (dtype === 'F32') data.setFloat32(index * 4, value, true);
    else data.setInt8(index, value);
  }
  const header = Buffer.from(JSON.stringify({ [name]: { dtype, shape: [rows.length, rows[0]?.length ?? 0], data_offsets: [0, data.byteLength] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.from(data.buffer)]);
}

/** A folder with a model of whole words. */
export function embeddingModelFolder(words: Readonly<Record<string, readonly number[]>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-embedding-'));
  const names = Object.keys(words);
  const columns = Object.values(words)[0]?.length ?? 0;
  const vocab = Object.fromEntries(['[UNK]', ...names].map((word, id) => [word, id]));
  const tokenizer = {
    version: '1.0', truncation: null, padding: null, added_tokens: [], post_processor: null, decoder: null,
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
  };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(join(folder, 'model.safetensors'), safetensors('embeddings', 'F16', [Array.from({ length: columns }, () => 0), ...Object.values(words)]));
  return folder;
}
