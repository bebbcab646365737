import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { WorkQueue } from '../queue/work-queue.ts';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

let clock: FakeClock;
let queue: WorkQueue<string>;

beforeEach(() => {
  clock = new FakeClock();
  queue = new WorkQueue({ name: 'test', clock });
});

function start(options: Pick<WorkerPoolOptions, 'work'> & Partial<WorkerPoolOptions>): WorkerPool {
  const pool = new WorkerPool({ queue, clock, concurrency: 1, onThrown() {}, ...options });
  pool.start();
  return pool;
}

describe('WorkerPool', () => {
  it('frees the worker and gives the item back when beginning it throws', async () => {
    const begun: string[] = [];
    const thrown: [string, unknown][] = [];
    const pool = start({
      work(item, release) {
        begun.push(item);
        if (item === 'bad') throw new Error('no');
        queue.done(item);
        release();
      },
      onThrown: (item, error) => thrown.push([item, error]),
    });
    queue.add('bad');
    queue.add('good');
    await clock.advance(0);
    expect([begun, thrown]).toEqual([['bad', 'good'], [['bad', new Error('no')]]]);
    expect([pool.busy, queue.remembered]).toEqual([0, 0]);
    queue.add('bad');
    await clock.advance(0);
    expect(begun).toEqual(['bad', 'good', 'bad']);
  });

  it('does so too when whoever hears of it throws as well', async () => {
    const pool = start({ work() { throw new Error('no'); }, onThrown() { throw new Error('disk full'); } });
    queue.add('a');
    queue.add('b');
    await clock.advance(0);
    expect([pool.busy, queue.remembered]).toEqual([0, 0]);
    pool.stop();
    await pool.whenIdle();
  });

  it('frees a worker once, also when work releases before it throws', async () => {
    const pool = start({
      concurrency: 2,
      work(item, release) {
        if (item === 'stays') return;
        release();
        throw new Error('after the release');
      },
    });
    queue.add('stays');
    queue.add('a');
    await clock.advance(0);
    expect([pool.busy, queue.remembered]).toEqual([1, 1]);
  });
});
