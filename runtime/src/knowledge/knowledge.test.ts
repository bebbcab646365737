import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citedPassages } from './citations.ts';
import { KnowledgeError } from './knowledge-error.ts';
import { openKnowledgeIndex } from './knowledge-index.ts';
import { readDirectory } from './read-directory.ts';
import { createSearchRunner } from './search-tool.ts';
import { splitPassages } from './split-passages.ts';

const documents = [
  { id: 'returns', title: 'Returns', url: 'https://help.example.com/returns', text: '# Returns\n\nAn item may be returned within thirty days.\n\n## Refunds\n\nThe money comes back within a week, to the card that paid.' },
  { id: 'shipping', text: 'Parcels leave the day after the order. Überseeische Pakete dauern länger.' },
];
const index = openKnowledgeIndex({ name: 'faq', documents });

describe('a search', () => {
  it('finds passages, the best first, with what they are cited by', () => {
    const [first] = index.search('when do I get my money back, refund?', 5);
    expect(first).toEqual({ mark: 'faq/returns#2', source: 'faq', document: 'returns', title: 'Returns', url: 'https://help.example.com/returns', text: '## Refunds\n\nThe money comes back within a week, to the card that paid.' });
    expect(index.search('returning items', 1)).toMatchObject([{ mark: 'faq/returns#1' }]);
    expect(index.search('uberseeische PAKETE', 5)).toMatchObject([{ document: 'shipping' }]);
    expect(index.search('giraffe', 5)).toEqual([]);
    expect(index.passages).toBe(3);
  });

  it('takes nothing that is searched for as syntax', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (query) => index.search(query, 3).length <= 3), { numRuns: 25 });
    for (const query of ['"', 'a"b', 'text:refund', 'NEAR(a b)', '*', 'a OR', "';--", '', '   ', '^refund', 'AND']) expect(() => index.search(query, 3)).not.toThrow();
  });

  it('tells the model what to cite, and that nothing was found', async () => {
    const runner = createSearchRunner({ index, maxPassages: 1 });
    const search = async (query: string) => {
      const prepared = runner.prepare({ values: { query }, requestId: 'r', idempotencyKey: undefined, maxBytes: 1 });
      return prepared.ok ? await prepared.run(new AbortController().signal) : undefined;
    };
    expect(await search('refund')).toMatchObject({ kind: 'ok', content: expect.stringMatching(/^\[faq\/returns#2\] Returns, https:.*Cite what you use by its mark, for example \[faq\/returns#2\]\.$/s), passages: [{ mark: 'faq/returns#2' }] });
    expect(await search('giraffe')).toMatchObject({ kind: 'ok', content: expect.stringContaining('Nothing was found'), passages: [] });
  });
});

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
    expect(() => openKnowledgeIndex({ name: 'faq', directory: mkdtempSync(join(tmpdir(), 'sluice-knowledge-')) })).toThrow('the collection faq holds no documents');
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
