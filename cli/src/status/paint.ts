import type { Paint, Palette } from '../terminal/palette.ts';

const meanings: Readonly<Record<string, 'good' | 'bad' | 'busy'>> = {
  Healthy: 'good', Promoted: 'good', FastPromoted: 'good', Pass: 'good', Verified: 'good', Accepted: 'good', Approved: 'good',
  Degraded: 'bad', RolledBack: 'bad', FastRolledBack: 'bad', RollingBack: 'bad', Aborted: 'bad', Undone: 'bad', Fail: 'bad', Refused: 'bad', TimedOut: 'bad',
  Superseded: 'busy', NotMeasured: 'busy', Pending: 'busy', Progressing: 'busy',
};

/** The colour of a phase or verdict; phases of a release on its way are busy. */
export function paintOf(word: string, palette: Palette): Paint {
  return palette[meanings[word] ?? 'busy'];
}
