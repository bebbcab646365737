import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptLine, keptResults, withoutReason } from './kept-results.ts';
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
