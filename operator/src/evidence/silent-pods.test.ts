import { describe, expect, test } from 'vitest';
import { SilentPods } from './silent-pods.ts';

function silentFor(looks: number) {
  const time = { now: 0 };
  const pods = new SilentPods({ clock: { monotonic: () => time.now } });
  for (let look = 0; look < looks; look += 1) pods.wasSilent('p', 'no page');
  return { pods, time };
}

describe('a pod that does not answer in time', () => {
  test.each([[1, 0], [5, 0], [6, 15_000], [7, 30_000], [8, 60_000], [9, 120_000], [50, 120_000]])('%i times in a row is asked again after %i ms', (looks, ms) => {
    const { pods, time } = silentFor(looks);
    time.now = Math.max(0, ms - 1);
    expect(pods.pausedFor('p')).toBe(ms === 0 ? undefined : 'no page');
    time.now = ms;
    expect(pods.pausedFor('p')).toBeUndefined();
    expect(pods.pausedFor('another')).toBeUndefined();
  });

  test('and then does is asked at each look again', () => {
    const { pods } = silentFor(9);
    pods.answered('p');
    pods.wasSilent('p', 'no page');
    expect(pods.pausedFor('p')).toBeUndefined();
  });

  test('is one of a bounded number that are remembered', () => {
    const { pods } = silentFor(9);
    for (let pod = 0; pod < 20_000; pod += 1) pods.wasSilent(`other-${pod}`, 'no page');
    expect(pods.pausedFor('p')).toBeUndefined();
  });
});
