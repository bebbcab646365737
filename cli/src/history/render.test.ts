import { describe, expect, it } from 'vitest';
import { nowAt, promoted, releaseOf, rolledBack, shifting } from '../fixtures/views.ts';
import { colourPalette, plainPalette } from '../terminal/palette.ts';
import { renderHistory } from './render.ts';

const options = { palette: plainPalette, now: nowAt(52) };

describe('the history of an agent', () => {
  it('has the newest release first, whatever the order they come in', () => {
    expect(renderHistory([promoted, shifting, rolledBack], options)).toEqual([
      'NAME       REVISION  VERDICT     REASON             BEGAN                 DURATION    MESSAGE',
      'support-3  r3        Shifting    EvaluationsPassed  2026-03-01T10:00:00Z  52s so far  Step 1 of 2: 25 % of the traffic for at least 15s',
      'support-2  r2        RolledBack  EvaluationFailed   2026-03-01T09:30:00Z  1m5s        golden: 2 of 3 cases passed',
      'support-1  r1        Promoted    FirstRevision      2026-03-01T09:00:00Z  40s         The first revision serves',
    ]);
  });

  it('orders by number, not by text', () => {
    const lines = renderHistory([releaseOf(9, 'r9', {}), releaseOf(10, 'r10', {})], options);
    expect(lines.slice(1).map((line) => line.split(' ')[0])).toEqual(['support-10', 'support-9']);
  });

  it('says what is not known by a dash', () => {
    expect(renderHistory([releaseOf(1, 'r1', {})], options)[1]).toMatch(/^support-1 +r1 +Preparing +- +- +- so far +-$/);
  });

  it('paints the verdict', () => {
    expect(renderHistory([rolledBack], { ...options, palette: colourPalette })[1]).toContain('\u001b[31mRolledBack\u001b[39m');
  });
});
