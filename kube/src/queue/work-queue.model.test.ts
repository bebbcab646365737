import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import type { Priority } from './ready-list.ts';
import { WorkQueue } from './work-queue.ts';

const ITEMS = ['a', 'b', 'c', 'd', 'e'];
const MAX_DELAY_MS = 100;

/** What the queue is, in the plainest terms: two lines, what is worked on, and times at which items are added. */
class Model {
  readonly lines: Record<Priority, string[]> = { change: [], resync: [] };
  /** Of what is worked on: the priority with which it was taken, and that with which it was added meanwhile. */
  readonly processing = new Map<string, { taken: Priority; again: Priority | undefined }>();
  readonly delayed = new Map<string, { at: number; priority: Priority }>();
  readonly failures = new Map<string, number>();
  state: 'open' | 'shut down' = 'open';
  now = 0;
  changesInARow = 0;

  add(item: string, priority: Priority): void {
    if (this.state === 'shut down') return;
    const working = this.processing.get(item);
    if (working) working.again = working.again === 'change' ? 'change' : priority;
    else this.line(item, priority);
  }

  line(item: string, priority: Priority): void {
    const { change, resync } = this.lines;
    if (change.includes(item) || (priority === 'resync' && resync.includes(item))) return;
    this.lines.resync = resync.filter((each) => each !== item);
    this.lines[priority].push(item);
  }

  addAfter(item: string, ms: number, priority: Priority): void {
    if (this.state === 'shut down') return;
    if (ms === 0) return this.add(item, priority);
    const known = this.delayed.get(item);
    this.delayed.set(item, { at: Math.min(this.now + ms, known?.at ?? Infinity), priority: known?.priority === 'change' ? 'change' : priority });
  }

  fail(item: string): void {
    if (this.state === 'shut down') return;
    const failures = this.failures.get(item) ?? 0;
    this.failures.set(item, failures + 1);
    this.addAfter(item, Math.min(MAX_DELAY_MS, 5 * 2 ** failures), this.processing.get(item)?.taken ?? 'change');
  }

  take(): string | undefined {
    const { change, resync } = this.lines;
    const first = change.length > 0 && (resync.length === 0 || this.changesInARow < 16) ? 'change' : 'resync';
    const item = this.lines[first].shift();
    if (item === undefined) return undefined;
    this.changesInARow = first === 'change' ? this.changesInARow + 1 : 0;
    this.processing.set(item, { taken: first, again: undefined });
    return item;
  }

  done(item: string): void {
    const again = this.processing.get(item)?.again;
    this.processing.delete(item);
    if (again !== undefined) this.line(item, again);
  }

  advance(ms: number): void {
    this.now += ms;
    const due = [...this.delayed].filter(([, { at }]) => at <= this.now).toSorted(([, left], [, right]) => left.at - right.at);
    for (const [item, { priority }] of due) {
      this.delayed.delete(item);
      this.add(item, priority);
    }
  }

  shutDown(): void {
    this.state = 'shut down';
    this.delayed.clear();
  }

  get remembered(): number {
    return this.lines.change.length + this.lines.resync.length + this.delayed.size + this.processing.size + this.failures.size;
  }
}

interface Step {
  readonly text: string;
  readonly run: (model: Model, queue: WorkQueue<string>, clock: ManualClock) => void;
}

function step(text: string, run: Step['run']): Step {
  return { text, run };
}

const item = fc.constantFrom(...ITEMS);
const priority = fc.constantFrom<Priority>('change', 'resync');
const add = fc.tuple(item, priority).map(([key, how]) => step(`add ${key} ${how}`, (model, queue) => {
  model.add(key, how);
  queue.add(key, how);
}));
/** Enough at once for the lines to be long and for fairness to matter. */
const burst = fc.tuple(fc.integer({ min: 1, max: 40 }), priority).map(([count, how]) => step(`burst ${count} ${how}`, (model, queue) => {
  for (let index = 0; index < count; index++) {
    model.add(`burst-${index}`, how);
    queue.add(`burst-${index}`, how);
  }
}));
const addAfter = fc.tuple(item, fc.integer({ min: 0, max: 50 }), priority).map(([key, ms, how]) => step(`addAfter ${key} ${ms} ${how}`, (model, queue) => {
  model.addAfter(key, ms, how);
  queue.addAfter(key, ms, how);
}));
const fail = item.map((key) => step(`fail ${key}`, (model, queue) => {
  model.fail(key);
  queue.addRateLimited(key);
}));
const forget = item.map((key) => step(`forget ${key}`, (model, queue) => {
  model.failures.delete(key);
  queue.forget(key);
}));
const advance = fc.integer({ min: 1, max: 60 }).map((ms) => step(`advance ${ms}`, (model, _queue, clock) => {
  model.advance(ms);
  clock.advance(ms);
}));
const take = fc.integer({ min: 1, max: 20 }).map((count) => step(`take ${count}`, (model, queue) => {
  for (let each = 0; each < count; each++) expect(queue.take(), `take ${each}`).toBe(model.take());
}));
const done = fc.nat({ max: 4 }).map((nth) => step(`done ${nth}`, (model, queue) => {
  const key = [...model.processing.keys()][nth] ?? 'never taken';
  if (model.processing.has(key)) model.done(key);
  queue.done(key);
}));
const shutDown = fc.constant(step('shutDown', (model, queue) => {
  model.shutDown();
  queue.shutDown();
}));

function weighted(weight: number, arbitrary: fc.Arbitrary<Step>): { weight: number; arbitrary: fc.Arbitrary<Step> } {
  return { weight, arbitrary };
}

const history = fc.array(fc.oneof(
  weighted(6, add), weighted(2, burst), weighted(4, addAfter), weighted(3, fail), weighted(2, forget), weighted(2, advance), weighted(8, take), weighted(8, done), { weight: 1, arbitrary: shutDown },
), { maxLength: 50 });

/** Works everything off: whatever was accepted comes out, once, and then nothing is left. */
function workOff(model: Model, queue: WorkQueue<string>, clock: ManualClock): void {
  for (let round = 0; model.remembered > model.failures.size; round++) {
    if (round > 1_000) throw new Error('does not come to rest');
    for (const key of model.processing.keys()) {
      model.done(key);
      queue.done(key);
    }
    const expected = model.take();
    expect(queue.take()).toBe(expected);
    if (expected === undefined) {
      model.advance(1);
      clock.advance(1);
    }
  }
}

it('row B.4/work-queue: behaves as the model in any history of adds, delays, failures, workers, time and shutdown, and forgets what is done', () => {
  fc.assert(fc.property(history, (steps) => {
    const model = new Model();
    const clock = new ManualClock();
    const queue = new WorkQueue<string>({ name: 'model', clock, maxDelayMs: MAX_DELAY_MS });
    for (const each of steps) {
      each.run(model, queue, clock);
      if (queue.length !== model.lines.change.length + model.lines.resync.length || queue.remembered !== model.remembered) {
        expect({ after: each.text, ready: queue.length, remembered: queue.remembered }).toEqual({ after: each.text, ready: model.lines.change.length + model.lines.resync.length, remembered: model.remembered });
      }
    }
    workOff(model, queue, clock);
    for (const key of ITEMS) queue.forget(key);
    expect([queue.remembered, clock.pendingTimers]).toEqual([0, 0]);
  }), { numRuns: 10_000 });
}, 120_000);

/** What workers that wait for `get` may be seen to do, whatever the order of things. */
class Workers {
  readonly held = new Map<string, () => void>();
  readonly came = new Map<string, number>();
  readonly stop = new AbortController();
  overlaps = 0;
  readonly #queue: WorkQueue<string>;

  constructor(queue: WorkQueue<string>) {
    this.#queue = queue;
  }

  async work(): Promise<void> {
    for (;;) {
      const taken = await this.#queue.get({ signal: this.stop.signal }).catch(() => undefined);
      if (taken === undefined) return;
      if (this.held.has(taken)) this.overlaps += 1;
      this.came.set(taken, (this.came.get(taken) ?? 0) + 1);
      await new Promise<void>((resolve) => { this.held.set(taken, resolve); });
      this.held.delete(taken);
      this.#queue.done(taken);
    }
  }

  finish(nth: number): void {
    [...this.held.values()][nth % Math.max(1, this.held.size)]?.();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await Promise.resolve();
}

it('never gives an item to two waiting workers, nor loses one', async () => {
  const call = fc.oneof(fc.record({ add: item, how: priority }), fc.record({ finish: fc.nat({ max: 3 }) }));
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(call, { maxLength: 30 }), async (count, calls) => {
    const queue = new WorkQueue<string>({ name: 'workers', clock: new ManualClock() });
    const workers = new Workers(queue);
    const running = Array.from({ length: count }, () => workers.work());
    const owed = new Set<string>();
    for (const each of calls) {
      const before = new Map(workers.came);
      if ('add' in each) {
        queue.add(each.add, each.how);
        owed.add(each.add);
      } else {
        workers.finish(each.finish);
      }
      await settle();
      for (const [key, times] of workers.came) if (times > (before.get(key) ?? 0)) owed.delete(key);
    }
    // Nobody waits while something is ready and a worker is free.
    expect(queue.length === 0 || workers.held.size === count).toBe(true);
    queue.shutDown();
    for (let turn = 0; turn < 60 && (workers.held.size > 0 || queue.length > 0); turn++) {
      const before = new Map(workers.came);
      workers.finish(turn);
      await settle();
      for (const [key, times] of workers.came) if (times > (before.get(key) ?? 0)) owed.delete(key);
    }
    await Promise.all(running);
    expect([workers.overlaps, [...owed], queue.remembered]).toEqual([0, [], 0]);
  }), { numRuns: 10_000 });
}, 120_000);
