import { expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { watchMigrations } from './migration-watch.ts';

it('tells what takes long, from two seconds on, and leaves no timer behind', () => {
  const clock = createFakeClock();
  const told: unknown[] = [];
  const progress = watchMigrations({ clock, tell: (step, seconds) => told.push([step.doing === 'waiting' ? 'waiting' : step.name, seconds]) });
  progress.now({ doing: 'waiting' });
  clock.advance(1_999);
  expect(told).toEqual([]);
  clock.advance(1);
  progress.now({ doing: 'applying', version: 7, name: 'model-batches', number: 1, of: 2 });
  clock.advance(20_000);
  expect(told).toEqual([['waiting', 2], ['model-batches', 12], ['model-batches', 22]]);
  progress.end();
  expect(clock.pending()).toBe(0);
});

it('says nothing where nobody listens', () => {
  const progress = watchMigrations(undefined);
  progress.now({ doing: 'waiting' });
  expect(progress.end).not.toThrow();
});
