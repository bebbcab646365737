import type { Paint, Palette } from '../terminal/palette.ts';

const meanings: Readonly<Record<string, 'good' | 'bad' | 'busy'>> = {
  Healthy: 'good', Promoted: 'good', Pass: 'good',
  Degraded: 'bad', RolledBack: 'bad', RollingBack: 'bad', Fail: 'bad',
  Superseded: 'busy', NotMeasured: 'busy', Pending: 'busy', Progressing: 'busy',
};

/** The colour of a phase or verdict; phases of a release on its way are busy. */
export function paintOf(word: string, palette: Palette): Paint {
  return palette[meanings[word] ?? 'busy'];
}
