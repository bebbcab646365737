import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citedPassages } from './citations.ts';
import { KnowledgeError } from './knowledge-error.ts';
import { openEmbeddedIndex } from './embedded-index.ts';
import { readDirectory } from './read-directory.ts';
import { splitPassages } from './split-passages.ts';
import { describeKnowledgeIndex } from './testing/knowledge-contract.ts';

describeKnowledgeIndex('SQLite', async (knowledge) => openEmbeddedIndex(knowledge));

describe('splitPassages', () => {
  it('keeps all words, in passages of bounded length', () => {
    const block = fc.array(fc.constantFrom('word', 'other', 'x'.repeat(1_500)), { minLength: 1, maxLength: 300 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), (blocks) => {
        const passages = splitPassages(blocks.join('\n\n'));
        expect(passages.every((passage) => passage.length <= 1_300)).toBe(true);
        expect(passages.join('').replaceAll(/\s/g, '')).toBe(blocks.join('').replaceAll(/\s/g, ''));
      }),
      { numRuns: 20 },
    );
  });
});

it('a document of one paragraph may be as long as a folder may be large', () => {
  const passages = splitPassages('word '.repeat(4_000_000));
  expect(passages.length).toBeGreaterThan(16_000);
  expect(passages.every(({ length }) => length <= 1_200)).toBe(true);
});

describe('readDirectory', () => {
  it('reads Markdown and text as a ConfigMap is mounted', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-knowledge-'));
    mkdirSync(join(folder, '..2026'));
    writeFileSync(join(folder, '..2026', 'faq.md'), '# Questions\n\nNone.');
    symlinkSync('..2026', join(folder, '..data'));
    symlinkSync('..data/faq.md', join(folder, 'faq.md'));
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', 'note.txt'), 'Plain.');
    writeFileSync(join(folder, 'logo.png'), 'no text');
    expect(readDirectory(folder)).toEqual([{ id: 'deep/note', text: 'Plain.' }, { id: 'faq', title: 'Questions', text: '# Questions\n\nNone.' }]);
  });

  it('says which folder cannot be read, and that a collection is empty', () => {
    expect(() => readDirectory('/nowhere/at/all')).toThrow(new KnowledgeError('/nowhere/at/all cannot be read: ENOENT'));
    expect(() => openEmbeddedIndex({ name: 'faq', directory: mkdtempSync(join(tmpdir(), 'sluice-knowledge-')) })).toThrow('the collection faq holds no documents');
    const folder = mkdtempSync(join(tmpdir(), 'sluice-knowledge-'));
    for (const name of ['a.md', 'a.txt']) writeFileSync(join(folder, name), 'Text.');
    expect(() => openEmbeddedIndex({ name: 'faq', directory: folder })).toThrow('the collection faq has two documents with the id a, which citations could not tell apart');
  });
});

describe('citedPassages', () => {
  const passage = (mark: string) => ({ mark, source: 'faq', document: 'd', title: undefined, url: undefined });
  const found = [passage('faq/a#1'), passage('faq/b#2'), passage('faq/a#1')];

  it.each([
    ['Thirty days [faq/a#1].', ['faq/a#1']],
    ['So [faq/b#2, faq/a#1] it is; again [faq/a#1].', ['faq/a#1', 'faq/b#2']],
    ['See [faq/b#2][faq/a#1].', ['faq/a#1', 'faq/b#2']],
    ['Made up [faq/c#9], faq/a#1 without brackets.', []],
    ['[faq/a#10] [FAQ/a#1]', []],
    ['', []],
  ])('finds in "%s" %j', (answer, marks) => {
    expect(citedPassages(answer, found).map(({ mark }) => mark)).toEqual(marks);
  });
});
