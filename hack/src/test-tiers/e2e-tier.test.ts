import { expect, test } from 'vitest';
import { countChecks } from './e2e-tier.ts';

test('each promise of the story is a test, and a broken one is named with what was seen', () => {
  const checks = [
    { name: 'v1 is promoted', ok: 'passed', detail: 'Promoted' },
    { name: 'no request failed on the stable path', ok: 'failed', detail: '1, expected 0' },
  ] as const;
  const longest = [{ name: 'the story', seconds: 90 }];
  expect(countChecks({ checks }, longest)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
    remarks: ['no request failed on the stable path: 1, expected 0'],
    longest,
  });
});
