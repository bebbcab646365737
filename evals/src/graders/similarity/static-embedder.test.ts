import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { embeddingModelFolder, safetensors } from '../../testing/embedding-model.ts';
import { cosineSimilarity } from './embedder.ts';
import { EmbeddingModelError, readEmbeddingMatrix } from './safetensors.ts';
import { loadStaticEmbedder } from './static-embedder.ts';

function modelFolder(): string {
  const folder = embeddingModelFolder({ open: [1, 0, 0], closed: [-1, 0, 0], shop: [0, 1, 0], store: [0, 0.9, 0.1] });
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a static embedding model in a folder', () => {
  it('finds texts of like meaning near to each other, whatever their words', async () => {
    const embedder = await loadStaticEmbedder(modelFolder());
    const [question, near, far, unknown] = await embedder.embed(['Open shop', 'store open', 'shop closed', 'zebra'], new AbortController().signal);
    expect(cosineSimilarity(question!, near!)).toBeGreaterThan(0.95);
    expect(cosineSimilarity(question!, far!)).toBeLessThan(0.1);
    expect(cosineSimilarity(question!, unknown!)).toBeNaN();
  });

  it('has a digest of both of its files', async () => {
    const folder = modelFolder();
    const digest = async () => (await loadStaticEmbedder(folder)).digest;
    const first = await digest();
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await digest()).toBe(first);
    const tokenizer = readFileSync(join(folder, 'tokenizer.json'), 'utf8');
    writeFileSync(join(folder, 'tokenizer.json'), `${tokenizer} `);
    const second = await digest();
    writeFileSync(join(folder, 'model.safetensors'), safetensors('embeddings', 'F32', [[1, 2]]));
    expect(new Set([first, second, await digest()]).size).toBe(3);
  });

  it.each([
    ['model.safetensors', Buffer.from('short'), 'model.safetensors is cut off or no safetensors file'],
    ['model.safetensors', safetensors('other', 'F32', [[1]]), 'holds no matrix named embeddings or embedding.weight'],
    ['model.safetensors', safetensors('embeddings', 'I8', [[1]]), 'holds values of type I8; F16 and F32 can be read'],
    ['model.safetensors', safetensors('embeddings', 'F32', [[1, 2]]).subarray(0, -1), 'model.safetensors is cut off; mount the whole file'],
    ['tokenizer.json', Buffer.from('{'), 'tokenizer.json of the embedding model cannot be used'],
  ])('is refused for a bad %s: %#', async (file, content, says) => {
    const folder = modelFolder();
    writeFileSync(join(folder, file), content);
    await expect(loadStaticEmbedder(folder)).rejects.toThrow(EmbeddingModelError);
    await expect(loadStaticEmbedder(folder)).rejects.toThrow(says);
  });

  it('is refused where there is none', async () => {
    await expect(loadStaticEmbedder('/nonexistent')).rejects.toThrow('cannot be read; mount a folder that holds model.safetensors and tokenizer.json');
  });
});

it('a matrix is read as it was written', () => {
  const row = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), fc.constantFrom('F16', 'F32'), fc.constantFrom('embeddings', 'embedding.weight'), (rows, dtype, name) => {
      expect(readEmbeddingMatrix(safetensors(name, dtype, rows))).toEqual({ rows: rows.length, columns: 3, values: Float32Array.from(rows.flat()) });
    }),
  );
});
