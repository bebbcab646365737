import type { BundleKnowledge } from '@sluice/crds';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeIndex } from '../knowledge-index.ts';
import { createSearchRunner } from '../search-tool.ts';

const documents = [
  { id: 'returns', title: 'Returns', url: 'https://help.example.com/returns', text: '# Returns\n\nAn item may be returned within thirty days.\n\n## Refunds\n\nThe money comes back within a week, to the card that paid.' },
  { id: 'shipping', text: 'Parcels leave the day after the order. Überseeische Pakete dauern länger.' },
];

/** What an index does, whatever keeps it. */
export function describeKnowledgeIndex(name: string, open: (knowledge: BundleKnowledge) => Promise<KnowledgeIndex>): void {
  describe(`knowledge in ${name}`, () => {
    let index: KnowledgeIndex;
    beforeAll(async () => {
      index = await open({ name: 'faq', documents });
    });
    afterAll(() => index.close());
    const marks = async (query: string, limit: number): Promise<readonly string[]> => (await index.search(query, limit)).map(({ mark }) => mark);

    it('finds passages, the best first, with what they are cited by', async () => {
      const [first] = await index.search('when do I get my money back, refund?', 5);
      expect(first).toEqual({ mark: 'faq/returns#2', source: 'faq', document: 'returns', title: 'Returns', url: 'https://help.example.com/returns', text: '## Refunds\n\nThe money comes back within a week, to the card that paid.' });
      expect(await marks('returning items', 1)).toEqual(['faq/returns#1']);
      expect(await marks('uberseeische PAKETE', 5)).toEqual(['faq/shipping#1']);
      expect(await marks('giraffe', 5)).toEqual([]);
      expect(index.passages).toBe(3);
    });

    it('finds words of scripts that put no blanks between them, and of those whose vowels are marks', async () => {
      const texts = { ja: '返品は商品の到着後三十日以内に受け付けます。', zh: '退款将在七个工作日内退回原支付账户。', th: 'สามารถคืนสินค้าได้ภายในสามสิบวัน', hi: 'सामान तीस दिनों में वापस किया जा सकता है', mixed: 'Kubernetes入門と税' };
      const scripts = await open({ name: 'scripts', documents: Object.entries(texts).map(([id, text]) => ({ id, text })) });
      const found = async (query: string): Promise<readonly string[]> => (await scripts.search(query, 1)).map(({ document, text }) => `${document}: ${text}`);
      for (const [query, id] of [['商品の返品はできますか', 'ja'], ['退款', 'zh'], ['支付账户', 'zh'], ['คืนสินค้า', 'th'], ['वापस', 'hi'], ['KUBERNETES', 'mixed'], ['入門', 'mixed'], ['税', 'mixed']] as const) expect(await found(query)).toEqual([`${id}: ${texts[id]}`]);
      expect(await found('象牙')).toEqual([]);
      scripts.close();
    });

    it('weighs rare words more than common ones, and gives the same order each time', async () => {
      const many = Array.from({ length: 12 }, (_, place) => ({ id: `d${String(place).padStart(2, '0')}`, text: place === 7 ? 'order with a voucher' : 'order order order' }));
      const large = await open({ name: 'orders', documents: many });
      expect((await large.search('order voucher', 12)).map(({ document }) => document)).toEqual(['d07', 'd00', 'd01', 'd02', 'd03', 'd04', 'd05', 'd06', 'd08', 'd09', 'd10', 'd11']);
      large.close();
    });

    it('takes nothing that is searched for as syntax', async () => {
      await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (query) => (await index.search(query, 3)).length <= 3), { numRuns: 25 });
      for (const query of ['"', 'a"b', 'text:refund', 'NEAR(a b)', '*', 'a OR', "';--", '', '   ', '^refund', 'AND', '\0', 'a & !b', ':*', '\ud800']) expect((await index.search(query, 3)).length).toBeLessThanOrEqual(3);
    });

    it('keeps collections apart', async () => {
      const other = await open({ name: 'other', documents: [{ id: 'giraffe', text: 'A giraffe is tall. \0' }] });
      expect((await other.search('giraffe refund', 5)).map(({ mark }) => mark)).toEqual(['other/giraffe#1']);
      expect(await marks('giraffe', 5)).toEqual([]);
      other.close();
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
}
