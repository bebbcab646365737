import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptLine, keptResults, maximumLine, withoutReason } from './kept-results.ts';
import { resultsPage, resultsPerPage } from './results-page.ts';
import { caseKey, sampleKey, shortDigest } from './sample-key.ts';
import type { SampleResult } from './sample-result.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const passed: SampleResult = { case: 'refund', repeat: 1, digest, verdict: 'Pass', score: 1, reason: '', hard: false, weight: 1, tags: [] };
const only = (...lines: readonly string[]) => [...keptResults(lines).values()];

describe('a kept result', () => {
  it('is a short line, and read back', () => {
    expect(keptLine({ ...passed, latencyMs: 1234.5 })).toBe('{"c":"refund","r":1,"d":"sha256:0123456789ab","v":"P","l":1235}');
    expect(only(keptLine(passed))).toEqual([{ ...passed, digest: 'sha256:0123456789ab' }]);
  });

  it('keeps all that a verdict depends on, whatever it is', () => {
    const sample = fc.record({
      case: fc.stringMatching(/^[a-z]{1,20}$/), repeat: fc.integer({ min: 1, max: 25 }), digest: fc.constant(shortDigest(digest)),
      verdict: fc.constantFrom('Pass' as const, 'Fail' as const, 'NotMeasured' as const, 'NoAnswer' as const),
      reason: fc.string({ maxLength: 120 }).map((text) => Array.from(text).slice(0, 120).join('')), hard: fc.boolean(), weight: fc.constantFrom(0.01, 1, 2.5, 100), tags: fc.array(fc.stringMatching(/^[a-z]+$/), { maxLength: 3 }),
      costDollars: fc.double({ min: 0, max: 10, noNaN: true }),
    });
    fc.assert(fc.property(sample, (result) => {
      const score = { Pass: { score: 1 }, Fail: { score: 0 }, NotMeasured: {}, NoAnswer: {} }[result.verdict];
      expect(only(keptLine({ ...result, ...score }))).toEqual([{ ...result, ...score }]);
    }));
  });

  it('has a bounded reason, and none where there is no room', () => {
    const line = keptLine({ ...passed, verdict: 'Fail', score: 0, reason: '🦀'.repeat(500) });
    expect(only(line)[0]?.reason).toBe('🦀'.repeat(120));
    expect(only(withoutReason(line))).toEqual([{ ...passed, digest: shortDigest(digest), verdict: 'Fail', score: 0 }]);
    expect(withoutReason('{"half')).toBe('{"half');
  });
});

describe('a page of results', () => {
  it('has room for as many of the longest as it may hold, and is below 1 MiB', () => {
    const name = 'n'.repeat(63);
    const longest = keptLine({
      ...passed, case: name, repeat: 25, digest, hard: true, weight: 99.123_456_789_012_34, tags: Array.from({ length: 16 }, () => name), verdict: 'Fail', score: 0,
      latencyMs: Number.MAX_SAFE_INTEGER, costDollars: 1.234_567_890_123_456e-100, reason: 'ü🦀"'.repeat(100),
    });
    expect(longest.length).toBeLessThanOrEqual(maximumLine);
    const page = { state: 'Running', results: Array.from({ length: resultsPerPage }, () => longest), next: resultsPerPage, count: 50_000 };
    expect(resultsPage.safeParse(page).success).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1_048_576);
  });

  it('that was not written by an evaluation is none', () => {
    const page = { state: 'Running', results: [], next: 1, count: 2 };
    expect(resultsPage.safeParse({ ...page, results: ['x'.repeat(maximumLine + 1)] }).success).toBe(false);
    expect(resultsPage.safeParse({ ...page, results: Array.from({ length: resultsPerPage + 1 }, () => '{}') }).success).toBe(false);
    for (const count of [-1, 1.5, Number.NaN, 1e300]) expect(resultsPage.safeParse({ ...page, count }).success).toBe(false);
  });
});

describe('the results of a run', () => {
  it('are those of all texts; lines that a death cut off are none', () => {
    const second = { ...passed, repeat: 2 };
    expect(only(`${keptLine(passed)}\n`, `{"c":"refu`, `null\n[]\n${keptLine(second)}\n`).map(({ repeat }) => repeat)).toEqual([1, 2]);
  });

  it('hold the first that stands: a case that was graded is not graded again until it passes', () => {
    const [failed, missing] = [{ ...passed, verdict: 'Fail' as const, score: 0 }, { ...passed, verdict: 'NoAnswer' as const }];
    expect(only(keptLine(failed), keptLine(passed)).map(({ verdict }) => verdict)).toEqual(['Fail']);
    expect(only(keptLine(missing), keptLine(failed), keptLine(missing)).map(({ verdict }) => verdict)).toEqual(['Fail']);
    expect(only(keptLine(missing)).map(({ verdict }) => verdict)).toEqual(['NoAnswer']);
  });

  it('are of the case as it was: a changed one is another', () => {
    const changed = `sha256:${'f'.repeat(64)}`;
    expect(only(keptLine(passed), keptLine({ ...passed, digest: changed }))).toHaveLength(2);
    expect(caseKey({ name: 'a', digest })).not.toBe(caseKey({ name: 'a', digest: changed }));
    expect(sampleKey({ case: 'a', repeat: 1, digest })).toBe(sampleKey({ case: 'a', repeat: 1, digest: shortDigest(digest) }));
  });
});
