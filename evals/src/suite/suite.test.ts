import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseOf, casesOf, fileOf } from '../testing/cases.ts';
import { inlineCases, jsonLinesCases, type CaseSource } from './case-source.ts';
import { linesOf } from './lines.ts';
import { parseCase, unknownExpectation } from './prepared-case.ts';
import { SuiteError } from './suite-error.ts';
import { surveySuite } from './survey.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const limits = { file: 'x', maximumBytes: 1_000, maximumLineBytes: 100 };
const jsonl = (...values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n');
const survey = (source: CaseSource) => surveySuite({}, source);

describe('lines', () => {
  it('are the same however the file comes in chunks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 20 }), fc.integer({ min: 1, max: 9 }), async (texts, chunkBytes) => {
        const text = texts.map((each) => each.replaceAll('\n', '').replaceAll('\uFEFF', '')).join('\n');
        const expected = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{ number: index + 1, text: line.trim() }]));
        expect(await all(linesOf(fileOf(text, chunkBytes).open(), limits))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('may end with and without a line feed, with a carriage return and a byte order mark', async () => {
    expect(await all(linesOf(fileOf('\uFEFFa\r\n\r\nb').open(), limits))).toEqual([{ number: 1, text: 'a' }, { number: 3, text: 'b' }]);
  });

  it.each([
    ['a file without bounds', Buffer.alloc(1_001, '\n'), 'x: has more than'],
    ['a line without bounds', `a\n${'b'.repeat(101)}`, 'x, line 2: is longer than'],
    ['what is not UTF-8', Buffer.from([0x61, 0x0a, 0xff, 0x0a]), 'x, line 2: is not UTF-8'],
  ])('refuse %s', async (_title, content, says) => {
    await expect(all(linesOf(fileOf(content, 100_000).open(), limits))).rejects.toThrow(says);
  });

  it('may not be without end, even blank ones', async () => {
    await expect(all(linesOf(fileOf(Buffer.alloc(1_000_001, '\n'), 100_000).open(), { ...limits, maximumBytes: 2_000_000 }))).rejects.toThrow('x: has more than 1000000 lines');
  });

  it('stops reading where the bound shows', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1;
        yield Buffer.alloc(10, 'x');
      }
    }
    await expect(all(linesOf(endless(), limits))).rejects.toThrow(SuiteError);
    expect(read).toBeLessThanOrEqual(12);
  });
});

describe('a file of cases', () => {
  it('holds the same cases as an EvalSuite would, and the same digest', async () => {
    const cases = casesOf(3);
    const fromFile = jsonLinesCases(fileOf(jsonl(...cases)));
    expect((await all(fromFile.cases())).map(({ evalCase }) => evalCase)).toEqual(cases);
    expect(await survey(fromFile)).toEqual(await survey(inlineCases({ cases })));
  });

  it.each([
    ['a broken line', `${JSON.stringify(caseOf('a'))}\n{"name": secret`, 'cases.jsonl, line 2: is not JSON'],
    ['a case without a name', jsonl(caseOf('a'), { input: { text: 'x' } }), 'cases.jsonl, line 2: name is not valid'],
    ['a pattern that backtracks', jsonl(caseOf('a', { expect: { matches: ['(?=a)b'] } })), 'cases.jsonl, line 1: expect.matches[0] "(?=a)b" is no regular expression'],
    ['two cases of one name', jsonl(caseOf('a'), caseOf('a')), 'cases.jsonl, line 2: the name "a" is taken by cases.jsonl, line 1'],
    ['no case', '\n\n', 'the suite has no cases, so it would always pass'],
    ['a judge that nobody named', jsonl(caseOf('a', { expect: { judge: { rubric: 'polite', repeats: 1 } } })), 'expect.judge needs spec.judge'],
  ])('refuses %s with its line', async (_title, text, says) => {
    await expect(survey(jsonLinesCases(fileOf(text, 64)))).rejects.toThrow(says);
  });

  it('of 100 MB and a line of 50 MB are refused while they are read', async () => {
    let read = 0;
    const file = (line: Buffer, count: number) => ({
      name: 'cases.jsonl',
      open: async function* chunks() {
        for (let index = 0; index < count; index += 1) {
          read += line.length;
          yield line;
        }
      },
    });
    await expect(survey(jsonLinesCases(file(Buffer.concat([Buffer.alloc(1_048_575, ' '), Buffer.from('\n')]), 100)))).rejects.toThrow('cases.jsonl: has more than 64 MiB; split it');
    expect(read).toBeLessThanOrEqual(66 * 1_048_576);
    await expect(survey(jsonLinesCases(file(Buffer.alloc(1_048_576, 'x'), 50)))).rejects.toThrow('cases.jsonl, line 1: is longer than 1 MiB');
  });

  it('of 10,001 cases is too large', async () => {
    const source: CaseSource = {
      cases: async function* placed() {
        for (let index = 0; index <= 10_000; index += 1) yield { place: `line ${index + 1}`, evalCase: caseOf(`c-${index}`) };
      },
    };
    await expect(survey(source)).rejects.toThrow('line 10001: a suite holds 10000 cases at most; split it');
  });

  it('of 50,001 questions is too large, however few its cases are', async () => {
    const source: CaseSource = {
      cases: async function* placed() {
        for (let index = 0; index <= 2_000; index += 1) yield { place: `line ${index + 1}`, evalCase: caseOf(`c-${index}`, { repeats: 25 }) };
      },
    };
    await expect(survey(source)).rejects.toThrow('line 2001: a run asks 50000 questions at most, repeats counted; lower the repeats or split the suite');
  });
});

describe('a case', () => {
  it.each([
    [{ name: 'Not A Name' }, 'name must consist of lower-case letters'],
    [{ weight: 0 }, 'weight must be between 0.01 and 100'],
    [{ expect: {} }, 'expect needs contains, notContains or another expectation'],
    [{ expect: { tools: {} } }, 'expect.tools needs called, notCalled or both'],
    [{ expect: { mustCite: { atLeast: 2, sources: ['a'] } } }, 'expect.mustCite.atLeast asks for more sources'],
    [{ expect: { judge: { rubric: 'x', repeats: 2 } } }, 'expect.judge.repeats must be odd'],
    [{ expect: { maxLatency: 'soon' } }, 'expect.maxLatency must be a duration'],
    [{ expect: { maxLatency: '31m' } }, 'expect.maxLatency must be a duration'],
    [{ expect: { jsonPath: [{ path: 'a' }] } }, 'expect.jsonPath[].path must be a JSONPath'],
    [{ toolStubs: [{ name: 't' }] }, 'toolStubs[] needs exactly one of result and error'],
    [{ tags: ['Big'] }, 'tags must consist of'],
    [{ repeats: 0 }, 'repeats is not valid'],
  ])('%j is refused', (changes, says) => {
    expect(() => parseCase('line 1', { ...caseOf('a'), ...changes })).toThrow(`line 1: ${says}`);
  });

  it('counts as often as it is repeated', async () => {
    const cases = [caseOf('a'), caseOf('b', { repeats: 3, hard: true })];
    expect(await surveySuite({ repeats: 2 }, inlineCases({ cases }))).toMatchObject({ cases: 2, samples: 5, hardCases: 1 });
  });
});

describe('an expectation that nobody knows', () => {
  const written = { name: 'a', input: { text: 'q' }, expect: { contains: ['yes'], notContain: ['no'] } };

  it('is refused: it would be met by every answer', async () => {
    const says = 'cases.jsonl, line 1: expect.notContain is nothing that this version of Sluice can hold an answer against; correct its name, or give the agent a newer image';
    await expect(survey(jsonLinesCases(fileOf(jsonl(written))))).rejects.toThrow(says);
  });

  it('is named, and cut where somebody wrote much', () => {
    expect(unknownExpectation(written)).toBe('notContain');
    expect(unknownExpectation({ expect: { [`x${'y'.repeat(100)}`]: 1 } })).toHaveLength(64);
    expect(unknownExpectation(caseOf('a'))).toBeUndefined();
  });
});
