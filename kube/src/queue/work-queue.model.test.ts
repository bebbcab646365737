import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import type { Priority } from './ready-list.ts';
import { WorkQueue } from './work-queue.ts';

/** What client-go's queue is, in the plainest terms: sets, and times at which items are added. */
class Model {
  readonly dirty = new Set<string>();
  readonly processing = new Set<string>();
  readonly delayed = new Map<string, number>();
  readonly failures = new Map<string, number>();
  now = 0;

  get ready(): string[] {
    return [...this.dirty].filter((item) => !this.processing.has(item));
  }

  addAfter(item: string, ms: number): void {
    if (ms === 0) this.dirty.add(item);
    else this.delayed.set(item, Math.min(this.now + ms, this.delayed.get(item) ?? Infinity));
  }

  advance(ms: number): void {
    this.now += ms;
    for (const [item, due] of this.delayed) {
      if (due > this.now) continue;
      this.delayed.delete(item);
      this.dirty.add(item);
    }
  }
}

interface Real {
  readonly queue: WorkQueue<string>;
  readonly clock: FakeClock;
}

type Step = { readonly run: (model: Model, real: Real) => Promise<void>; readonly text: string };

const never = new AbortController().signal;
const item = fc.constantFrom('a', 'b', 'c', 'd');

function step(text: string, run: Step['run']): Step {
  return { text, run };
}

const add = fc.tuple(item, fc.constantFrom<Priority>('change', 'resync')).map(([key, priority]) => step(`add ${key} ${priority}`, async (model, { queue }) => {
  model.dirty.add(key);
  queue.add(key, priority);
}));

const addAfter = fc.tuple(item, fc.integer({ min: 0, max: 50 })).map(([key, ms]) => step(`addAfter ${key} ${ms}`, async (model, { queue }) => {
  model.addAfter(key, ms);
  queue.addAfter(key, ms);
}));

const fail = item.map((key) => step(`addRateLimited ${key}`, async (model, { queue }) => {
  const failures = model.failures.get(key) ?? 0;
  model.failures.set(key, failures + 1);
  model.addAfter(key, Math.min(100, 5 * 2 ** failures));
  queue.addRateLimited(key);
}));

const forget = item.map((key) => step(`forget ${key}`, async (model, { queue }) => {
  model.failures.delete(key);
  queue.forget(key);
}));

const advance = fc.integer({ min: 1, max: 60 }).map((ms) => step(`advance ${ms}`, async (model, { clock }) => {
  model.advance(ms);
  await clock.advance(ms);
}));

const get = fc.constant(step('get', async (model, { queue }) => {
  if (model.ready.length === 0) return;
  const taken = await queue.get({ signal: never });
  expect(model.ready).toContain(taken);
  model.dirty.delete(taken ?? '');
  model.processing.add(taken ?? '');
}));

const done = item.map((key) => step(`done ${key}`, async (model, { queue }) => {
  model.processing.delete(key);
  queue.done(key);
}));

it('behaves as the model in any order of calls', async () => {
  const steps = fc.array(fc.oneof(add, addAfter, fail, forget, advance, get, get, done), { maxLength: 60 });
  await fc.assert(fc.asyncProperty(steps, async (sequence) => {
    const model = new Model();
    const clock = new FakeClock();
    const queue = new WorkQueue<string>({ name: 'model', clock, maxDelayMs: 100 });
    for (const each of sequence) {
      await each.run(model, { queue, clock });
      expect(queue.length, each.text).toBe(model.ready.length);
      for (const key of 'abcd') expect(queue.retries(key), each.text).toBe(model.failures.get(key) ?? 0);
    }
    queue.shutDown();
    for (const key of model.processing) queue.done(key);
    const rest = new Set<string>();
    for (let taken = await queue.get({ signal: never }); taken !== undefined; taken = await queue.get({ signal: never })) {
      expect(rest.has(taken)).toBe(false);
      rest.add(taken);
      queue.done(taken);
    }
    expect(rest).toEqual(model.dirty);
    expect(clock.pendingTimers).toBe(0);
  }), { numRuns: 2000 });
}, 60_000);
