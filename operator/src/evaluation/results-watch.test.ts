import { FakeClock } from '@sluice/kube';
import { describe, expect, test } from 'vitest';
import { pauseMs, ResultsWatch } from './results-watch.ts';

const target = { ip: '10.0.0.9', port: 8080, token: 'run-1' };
const key = (name: string) => ({ namespace: 'shop', name });

function watching() {
  const clock = new FakeClock();
  const looks: [string, number][] = [];
  const asked: { readonly from: number; readonly answer: (news: 'More' | 'Quiet') => Promise<void> }[] = [];
  const watch = new ResultsWatch({
    clock,
    news: {
      more: (_target, from) => new Promise((resolve) => {
        asked.push({ from, answer: async (news) => { resolve(news); await clock.advance(0); } });
      }),
    },
    look: ({ name }, afterMs) => void looks.push([name, afterMs]),
  });
  const follow = (name: string, from: number, { pod = 'pod-1', carried = 0 } = {}) => watch.follow(key(name), { pod, target, from, carried });
  return { clock, looks, asked, follow };
}

describe('a run whose pod is followed', () => {
  test('is looked at as soon as there is more', async () => {
    const { clock, looks, asked, follow } = watching();
    follow('a', 3);
    await clock.advance(3_000);
    expect(looks).toEqual([]);
    await asked[0]?.answer('More');
    expect(looks).toEqual([['a', 0]]);
  });

  test('is not looked at more often than its writes are worth', async () => {
    const { clock, looks, asked, follow } = watching();
    follow('a', 3);
    await clock.advance(100);
    await asked[0]?.answer('More');
    follow('b', 3, { carried: 112 * 1024 });
    await asked[1]?.answer('More');
    expect(looks).toEqual([['a', 150], ['b', 1_792]]);
  });

  test('is waited for once at a place, and again from where more is stored, or at another pod', async () => {
    const { looks, asked, follow } = watching();
    for (const from of [3, 3, 5, 5]) follow('a', from);
    follow('a', 5, { pod: 'pod-2' });
    expect(asked.map(({ from }) => from)).toEqual([3, 5, 5]);
    // The first two have been overtaken.
    await asked[0]?.answer('More');
    await asked[1]?.answer('More');
    expect(looks).toEqual([]);
    await asked[2]?.answer('More');
    expect(looks).toEqual([['a', 250]]);
  });

  test('is left to its usual looks where nothing comes, and can be followed again', async () => {
    const { looks, asked, follow } = watching();
    follow('a', 3);
    await asked[0]?.answer('Quiet');
    follow('a', 3);
    await asked[1]?.answer('More');
    expect(looks).toEqual([['a', 250]]);
  });
});

test.each([
  ['one run', { runs: 1, carried: 0 }, 250],
  ['one run with results that fill the status', { runs: 1, carried: 112 * 1024 }, 1_792],
  ['so many runs that 20 looks in a second are 2 seconds', { runs: 40, carried: 0 }, 2_000],
  ['a thousand agents at once', { runs: 1_000, carried: 112 * 1024 }, 5_000],
])('the pause of %s', (_what, load, pause) => {
  expect(pauseMs(load)).toBe(pause);
});
