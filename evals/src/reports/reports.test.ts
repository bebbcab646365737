import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseOutcome } from '../runner/case-outcome.ts';
import { judgeSuite } from '../verdict/suite-verdict.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown.ts';

const outcome = (name: string, verdict: CaseOutcome['verdict'], changes: Partial<CaseOutcome> = {}): CaseOutcome => ({ name, verdict, reason: verdict === 'Passed' ? '' : `why ${name}`, hard: false, weight: 1, tags: [], digest: 'd', score: verdict === 'Passed' ? 1 : 0, flaky: false, latencyMs: 1500, ...changes });

describe('JUnit', () => {
  it('has a test case for each case, failures and errors apart', () => {
    expect(junitReport('golden', [outcome('a', 'Passed'), outcome('b', 'Failed', { hard: true, reason: 'holds "x" & <y>' }), outcome('c', 'Errored', { latencyMs: undefined })])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="1" time="3.000">
  <testsuite name="golden" tests="3" failures="1" errors="1" time="3.000">
    <testcase classname="golden" name="a" time="1.500"/>
    <testcase classname="golden" name="b" time="1.500"><failure type="hard" message="holds &#34;x&#34; &#38; &#60;y&#62;"/></testcase>
    <testcase classname="golden" name="c" time="0.000"><error type="soft" message="why c"/></testcase>
  </testsuite>
</testsuites>
`);
  });

  it.each([
    ['Pass', 'failures="0" errors="0"', 'name="verdict of the suite" time="0.000"/>'],
    ['Fail', 'failures="1" errors="0"', '<failure type="Fail" message="why; and more"/>'],
    ['Inconclusive', 'failures="0" errors="1"', '<error type="Inconclusive" message="why; and more"/>'],
    ['NotMeasured', 'failures="0" errors="1"', '<error type="NotMeasured" message="why; and more"/>'],
  ] as const)('has a test case for the verdict %s, although every case passed', (verdict, counts, ending) => {
    const text = junitReport('golden', [outcome('a', 'Passed')], { verdict, messages: ['why', 'and more'] });
    expect(text).toContain(`tests="2" ${counts}`);
    expect(text).toContain(ending);
  });

  it('holds only characters that XML knows, whatever a reason holds', () => {
    const anyText = fc.array(fc.nat(0xffff), { maxLength: 30 }).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(anyText, (reason) => {
        const attribute = /message="([^"]*)"/.exec(junitReport('s', [outcome('a', 'Failed', { reason })]))?.[1];
        expect(attribute).toMatch(/^(?:[\u0020\u0021\u0023-\u0025\u0027-\u003B\u003D\u003F-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]|&#\d+;)*$/u);
      }),
    );
  });
});

describe('Markdown', () => {
  it('tells the verdict, hard failures first, flaky cases and tags', () => {
    const outcomes = [outcome('c', 'Errored'), outcome('b', 'Failed'), outcome('a', 'Failed', { hard: true, tags: ['refund'] }), outcome('p', 'Passed', { tags: ['refund'], flaky: true })];
    expect(markdownReport({ suiteName: 'golden', outcomes, verdict: judgeSuite(outcomes, []) }).split('\n')).toEqual([
      '## Evaluation of golden: Fail',
      '',
      '1 of 4 cases passed, 2 failed, 1 without a result.',
      '',
      '- no hard case may fail, but 1 did: a (why a)',
      '- 4 cases cannot rule out a drop of 10 points; add cases until there are 29, or allow a larger margin',
      '- hard cases: 1 of 1 means a rate of at most 100.0 % (with 95 % confidence)',
      '',
      'Flaky: p',
      '',
      '| case | result | reason |',
      '|---|---|---|',
      '| a | Failed (hard) | why a |',
      '| b | Failed | why b |',
      '| c | Errored | why c |',
      '',
      '| tag | passed | cases |',
      '|---|---|---|',
      '| refund | 1 | 2 |',
      '',
    ]);
  });

  it('tells what the cases came to before, where that is known; a case that was changed was another one', () => {
    const outcomes = [outcome('a', 'Failed'), outcome('b', 'Failed', { digest: 'new' }), outcome('c', 'Errored')];
    const baseline = [outcome('a', 'Passed'), outcome('b', 'Passed'), outcome('c', 'Failed')];
    const lines = markdownReport({ suiteName: 's', outcomes, baseline }).split('\n');
    expect(lines.slice(4)).toEqual(['| case | result | baseline | reason |', '|---|---|---|---|', '| a | Failed | Passed | why a |', '| b | Failed | - | why b |', '| c | Errored | Failed | why c |', '']);
  });

  it('is one table however a reason is written, and has a bound', () => {
    const text = markdownReport({ suiteName: 's', outcomes: Array.from({ length: 60 }, (_value, index) => outcome(`c-${index}`, 'Failed', { reason: 'a | b\n\n# <img>' })) });
    expect(text).toContain('| c-0 | Failed | a \\| b \\# \\<img\\> |');
    expect(text).toContain('and 10 more');
    expect(text.split('\n').filter((line) => line.startsWith('| c-'))).toHaveLength(50);
  });
});
