import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { ReleaseTurns } from '../pacing/release-turns.ts';
import { registerTurnMetrics } from './turn-metrics.ts';

it('shows how many releases wait and start now, and 0 while this process lets none start', async () => {
  const registry = new Registry();
  const led: ReleaseTurns[] = [];
  registerTurnMetrics(registry, () => led.at(-1)?.counts);
  const counts = async () => [...(await registry.metrics()).matchAll(/^sluice_release_turns\{state="(\w+)"\} (\d+)$/gm)].map(([, state, count]) => `${state} ${count}`);
  expect(await counts()).toEqual(['waiting 0', 'starting 0', 'overdue 0']);
  let now = 0;
  const turns = new ReleaseTurns({ limit: 1, clock: { now: () => now }, wake: () => undefined });
  led.push(turns);
  turns.note({ namespace: 'a', name: 'first' }, 'Starting');
  for (const name of ['second', 'third']) turns.note({ namespace: 'a', name }, 'Waiting');
  expect(await counts()).toEqual(['waiting 2', 'starting 1', 'overdue 0']);
  now = 60_000;
  expect(turns.takenFor({ namespace: 'a', name: 'second' })).toBeUndefined();
  turns.note({ namespace: 'a', name: 'second' }, 'Starting');
  expect(await counts()).toEqual(['waiting 1', 'starting 1', 'overdue 1']);
});
