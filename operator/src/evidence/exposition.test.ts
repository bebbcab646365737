import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExposition, parseValue } from './exposition.ts';

const names = new Set(['requests_total', 'latency_bucket']);
const parse = (text: string) => parseExposition(text, names);
const parsed = (text: string) => parse(text).samples.map((sample) => [sample.name, Object.fromEntries(sample.labels), sample.value]);

describe('parseExposition', () => {
  test.each([
    ['a bare sample', 'requests_total 3', [['requests_total', {}, 3]]],
    ['labels', 'requests_total{outcome="success",code="200"} 3', [['requests_total', { outcome: 'success', code: '200' }, 3]]],
    ['empty labels', 'requests_total{} 3', [['requests_total', {}, 3]]],
    ['a comma at the end', 'requests_total{a="b",} 3', [['requests_total', { a: 'b' }, 3]]],
    ['spaces wherever they may be', '  requests_total { a = "b" , c="d" }  3  ', [['requests_total', { a: 'b', c: 'd' }, 3]]],
    ['a timestamp', 'requests_total 3 1700000000000', [['requests_total', {}, 3]]],
    ['an exemplar', 'latency_bucket{le="1"} 3 # {trace="x"} 0.5', [['latency_bucket', { le: '1' }, 3]]],
    ['a hash in a label', 'requests_total{a="#1"} 3', [['requests_total', { a: '#1' }, 3]]],
    ['escapes', String.raw`requests_total{a="q\"b\\n\n"} 3`, [['requests_total', { a: 'q"b\\n\n' }, 3]]],
    ['a closing brace in a label', 'requests_total{a="}"} 3', [['requests_total', { a: '}' }, 3]]],
    ['exponents', 'requests_total 1.5e+3', [['requests_total', {}, 1500]]],
    ['infinity', 'requests_total +Inf', [['requests_total', {}, Infinity]]],
    ['NaN', 'requests_total NaN', [['requests_total', {}, NaN]]],
    ['Windows line ends', 'requests_total 3\r\nlatency_bucket 4\r\n', [['requests_total', {}, 3], ['latency_bucket', {}, 4]]],
    ['another metric', 'requests_total_more 3', []],
  ])('reads %s', (_, text, expected) => {
    expect(parsed(text)).toEqual(expected);
    expect(parse(text).malformed).toBe(0);
  });

  test.each([
    'requests_total',
    'requests_total x',
    'requests_total 3 4 5',
    'requests_total 3 soon',
    'requests_total{a="b" 3',
    'requests_total{a="b} 3',
    'requests_total{a=b} 3',
    'requests_total{a="b",a="c"} 3',
    'requests_total 1',
    'requests_total{} 7 1700000000000',
    'requests_total{le="1",b="2"} 3\nrequests_total{b="2",le="1"} 3',
    'requests_total{a="b"}',
    'requests_total-more 3',
    '<html>',
    '3 requests_total',
  ])('skips and counts %s', (line) => {
    const { samples, malformed } = parse(`requests_total 1\n${line}\nlatency_bucket 2`);
    expect(samples.map((sample) => sample.value).filter((value) => value !== 3)).toEqual([1, 2]);
    expect(malformed).toBe(1);
  });

  test('knows the families that have no sample yet', () => {
    const { families, samples } = parse('# HELP requests_total Requests.\n# TYPE requests_total counter\n# just a comment\n');
    expect([...families]).toEqual(['requests_total']);
    expect(samples).toEqual([]);
  });

  test('passes over other metrics, however broken', () => {
    expect(parse('other{broken 3\nrequests_total 1').malformed).toBe(0);
  });

  test('a million digits that are no number take no hour', () => {
    const page = `requests_total ${'1'.repeat(1_000_000)}x\nrequests_total{le="1"} 2`;
    // Were it not read in time, the engine would end it.
    const read = runInNewContext('parse(page)', { parse, page }, { timeout: 20_000 }) as ReturnType<typeof parse>;
    expect([read.malformed, read.samples.map(({ value }) => value)]).toEqual([1, [2]]);
  });

  test('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => parse(`requests_total${text}`).samples.length >= 0));
  });

  test('gives back every label value that is escaped by the rules', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0 }), (label, value) => {
        const escaped = label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
        expect(parsed(`requests_total{a="${escaped}"} ${value}`)).toEqual([['requests_total', { a: label }, value]]);
      }),
    );
  });
});

test.each([
  ['+Inf', Infinity],
  ['-Inf', -Infinity],
  ['inf', Infinity],
  ['.5', 0.5],
  ['5.', 5],
  ['1_000', undefined],
  ['0x10', undefined],
  ['', undefined],
])('parseValue(%s) is %s', (text, expected) => {
  expect(parseValue(text)).toBe(expected);
});
