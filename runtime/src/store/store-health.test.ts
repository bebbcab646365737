import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { nextHealth, watchStore, type Health } from './store-health.ts';

const rules = { downAfterMs: 30_000, okAfter: 2 };

describe('nextHealth', () => {
  it.each([
    ['an answer keeps it', 'ok', 0, 'answer', 1_000, 'ok'],
    ['one silence is a blip', 'ok', 5, 'silence', 1_000, 'degraded'],
    ['silence for long is an outage', 'degraded', 0, 'silence', 30_000, 'down'],
    ['silence for less is none', 'degraded', 0, 'silence', 29_999, 'degraded'],
    ['one answer does not end an outage', 'down', 0, 'answer', 60_000, 'down'],
    ['two answers do', 'down', 1, 'answer', 61_000, 'ok'],
    ['no room is no outage, however long it lasts', 'degraded', 0, 'full', 60_000, 'degraded'],
    ['no room is no answer', 'ok', 5, 'full', 1_000, 'degraded'],
    ['an outage that answered once goes on', 'down', 1, 'silence', 61_000, 'down'],
  ] as const)('%s', (_case, health, answers, outcome, now, expected) => {
    expect(nextHealth({ health, answeredAt: 0, answers }, { outcome, now }, rules).health).toBe(expected);
  });
});

it('watches a store through a blip, an outage and its end, and leaves no timer behind', async () => {
  const clock = createFakeClock();
  const changes: Health[] = [];
  let answering: 'yes' | 'no' | 'hangs' = 'yes';
  const check = async (): Promise<void> => {
    if (answering === 'hangs') await new Promise(() => {});
    if (answering === 'no') throw new Error('away');
  };
  const stop = new AbortController();
  const watched = watchStore({ check, clock, everyMs: 1_000, timeoutMs: 500, ...rules, onChange: (health) => changes.push(health) });
  const running = watched.run(stop.signal);
  const pass = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= 500) {
      await setImmediate();
      clock.advance(500);
    }
    await setImmediate();
  };
  await pass(5_000);
  expect([watched.health(), changes]).toEqual(['ok', []]);
  answering = 'hangs';
  await pass(3_000);
  expect(watched.health()).toBe('degraded');
  answering = 'yes';
  await pass(4_000);
  answering = 'no';
  await pass(40_000);
  answering = 'yes';
  await pass(4_000);
  expect(changes).toEqual(['degraded', 'ok', 'degraded', 'down', 'ok']);
  stop.abort();
  await running;
  expect(clock.pending()).toBe(0);
});
