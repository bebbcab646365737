import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import type { Embedder } from './embedder.ts';
import { maximumComparedCharacters } from './similarity-grader.ts';
import { EmbeddingModelError, readEmbeddingMatrix, type Matrix } from './safetensors.ts';

/**
 * Loads a static embedding model from a folder: `model.safetensors` with one vector for each token, and `tokenizer.json`. A text is the
 * mean of its tokens. Needs no network and no native code. Throws EmbeddingModelError.
 */
export async function loadStaticEmbedder(folder: string): Promise<Embedder> {
  const [weights, tokenizerJson] = await Promise.all([readPart(folder, 'model.safetensors'), readPart(folder, 'tokenizer.json')]);
  const matrix = readEmbeddingMatrix(weights);
  const idsOf = tokenizerOf(tokenizerJson);
  const digest = `sha256:${createHash('sha256').update(weights).update(tokenizerJson).digest('hex')}`;
  return { digest, embed: async (texts) => texts.map((text) => meanVector(matrix, idsOf(text.slice(0, maximumComparedCharacters)))) };
}

async function readPart(folder: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, file));
  } catch (cause) {
    throw new EmbeddingModelError(`${file} of the embedding model cannot be read; mount a folder that holds model.safetensors and tokenizer.json`, { cause });
  }
}

function tokenizerOf(json: Uint8Array): (text: string) => readonly number[] {
  try {
    const tokenizer = new Tokenizer(JSON.parse(Buffer.from(json).toString('utf8')) as object, {});
    return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
  } catch (cause) {
    throw new EmbeddingModelError('tokenizer.json of the embedding model cannot be used; mount the file that belongs to the model', { cause });
  }
}

/** All zeros for a text without a known token: that has no direction, and is like nothing. */
function meanVector({ rows, columns, values }: Matrix, ids: readonly number[]): Float32Array {
  const vector = new Float32Array(columns);
  for (const id of ids) {
    if (id >= rows) continue;
    for (let column = 0; column < columns; column += 1) vector[column] = (vector[column] ?? 0) + (values[id * columns + column] ?? 0) / ids.length;
  }
  return vector;
}
