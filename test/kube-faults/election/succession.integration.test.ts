import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FaultStage } from '../fault-stage.ts';
import { pausePastLease, Succession } from './succession.ts';
import { lateWrites, writersOf } from './write-order.ts';

/** More, and with other settings, through the program election/main.ts. */
const ROUNDS = 3;

describe('two replicas that compete to write', () => {
  let stage: FaultStage | undefined;
  let succession: Succession | undefined;

  beforeAll(async () => {
    stage = await FaultStage.open();
  });

  afterEach(async () => {
    await succession?.close();
    succession = undefined;
  });

  afterAll(async () => {
    await stage?.close();
  });

  async function compete(namespace: string, options: { writers: number; pauseMs: number; precondition: 'none' | 'version' }): Promise<Succession> {
    const opened = new Succession({ stage: stage!, namespace, ...options });
    succession = opened;
    await opened.open();
    return opened;
  }

  it.each([
    { name: 'between two writes', moment: 'between writes' as const, writers: 1, pauseMs: 200, precondition: 'none' as const },
    { name: 'in a tight loop of writes bound to a version', moment: 'at any moment' as const, writers: 2, pauseMs: 0, precondition: 'version' as const },
  ])('no write of a leader that was paused past its lease is taken after its successor\'s first: $name', async ({ name, moment, ...options }) => {
    const rivals = await compete(`paused-${name.replaceAll(' ', '-')}`, options);
    const paused: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) paused.push((await pausePastLease(rivals, moment)).identity);
    expect(lateWrites(rivals.writes)).toEqual([]);
    expect(new Set(paused).size).toBe(ROUNDS);
    expect(writersOf(rivals.writes).length).toBeGreaterThan(ROUNDS);
  }, 240_000);

  /**
   * A write may be on its way out of the process at the very moment of the pause, after the last look at the lease: no client can call it
   * back, and without a version to compare the API server takes it. There can be one for each write that was under way, and never a second.
   */
  it('a leader paused in a tight loop of unconditional writes begins none when it wakes', async () => {
    const writers = 4;
    const rivals = await compete('paused-in-a-tight-loop', { writers, pauseMs: 0, precondition: 'none' });
    for (let round = 0; round < ROUNDS; round += 1) {
      const { identity } = await pausePastLease(rivals, 'at any moment');
      const late = lateWrites(rivals.writes).filter((each) => each.late.writer === identity).map((each) => each.late.object);
      expect(new Set(late).size).toBe(late.length);
    }
    expect(writersOf(rivals.writes).length).toBeGreaterThan(ROUNDS);
  }, 240_000);

  it('the other takes over from one that was killed, by itself', async () => {
    const rivals = await compete('killed', { writers: 1, pauseMs: 20, precondition: 'none' });
    const leader = await rivals.leader();
    leader.signal('SIGKILL');
    expect(await leader.ended()).toBe('SIGKILL');
    await rivals.successor(leader);
    expect(lateWrites(rivals.writes)).toEqual([]);
  }, 120_000);

  it('one that is told to end frees the lease, so that the other need not wait it out', async () => {
    const rivals = await compete('ended', { writers: 1, pauseMs: 20, precondition: 'none' });
    const leader = await rivals.leader();
    const other = rivals.other(leader);
    leader.signal('SIGTERM');
    expect(await leader.ended()).toBe(0);
    expect(leader.events).toEqual(['leading', 'stopped']);
    await rivals.successor(leader);
    expect(other.events).toContain('leading');
    expect(rivals.releases()).toBeGreaterThan(0);
    expect(lateWrites(rivals.writes)).toEqual([]);
  }, 120_000);
});
