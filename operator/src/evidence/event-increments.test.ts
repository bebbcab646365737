import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advanceEvents, type Acquaintance, type EventMemory } from './event-increments.ts';
import type { EventReading } from './events.ts';

const counted = (bad: number, total: number): EventReading => ({ name: 'o', state: 'Counted', bad, total });
const absent: EventReading = { name: 'o', state: 'Absent', reason: 'there is no metric m' };
const damaged: EventReading = { name: 'o', state: 'Damaged', reason: 'm is NaN' };

/** Plays readings of one process and gives the increments that were counted. */
function play(first: Acquaintance, readings: readonly EventReading[]): (readonly [bad: number, total: number] | 'nothing')[] {
  let memory: EventMemory = new Map();
  return readings.map((reading, index) => {
    const step = advanceEvents(memory, [reading], index === 0 ? first : 'Followed');
    memory = step.memory;
    const [increment] = step.increments;
    return increment === undefined ? 'nothing' : [increment.bad, increment.total];
  });
}

describe('increments of an objective', () => {
  test.each<[string, Acquaintance, EventReading[], ReturnType<typeof play>]>([
    ['a new pod counts from 0', 'NewFromZero', [counted(1, 5), counted(3, 9)], [[1, 5], [2, 4]]],
    ['a pod with a past begins at its first scrape', 'NewWithPast', [counted(1, 5), counted(3, 9)], [[0, 0], [2, 4]]],
    ['a counter that fell began again', 'NewWithPast', [counted(4, 50), counted(1, 6)], [[0, 0], [1, 6]]],
    ['one that fell in its bad part alone did so too', 'NewWithPast', [counted(4, 5), counted(2, 60)], [[0, 0], [2, 60]]],
    ['what was read of before counts nothing, and nothing twice: two servers that scrape in turn', 'NewWithPast', [counted(40, 1_000), counted(39, 990), counted(41, 1_010), counted(40, 1_000), counted(42, 1_020)], [[0, 0], 'nothing', [1, 10], 'nothing', [1, 10]]],
    ['a missing scrape comes with the next good one', 'NewWithPast', [counted(4, 50), damaged, absent, counted(6, 70)], [[0, 0], 'nothing', 'nothing', [2, 20]]],
    ['a metric that appears later was 0 until then', 'NewWithPast', [absent, counted(2, 3)], ['nothing', [2, 3]]],
    ['of one whose bad part appears later, all of a pod with a past is not of this window', 'NewWithPast', [{ ...absent, seen: { bad: 0, total: 9_000 } }, counted(1, 9_010)], ['nothing', [1, 10]]],
    ['nor of one that began within it is anything lost', 'NewFromZero', [{ ...absent, seen: { bad: 0, total: 90 } }, counted(1, 100)], ['nothing', [1, 100]]],
    ['an objective that a pod is asked for only now begins with the reading', 'Followed', [counted(4, 9_000), counted(5, 9_010)], [[0, 0], [1, 10]]],
    ['what could not be read at first may hold anything, so it counts from when it can', 'NewFromZero', [damaged, counted(2, 30), counted(3, 40)], ['nothing', [0, 0], [1, 10]]],
    ['more bad events than events wait until there are as many', 'NewWithPast', [counted(0, 0), counted(2, 1), counted(2, 3)], [[0, 0], 'nothing', [2, 3]]],
  ])('%s', (_, first, readings, expected) => {
    expect(play(first, readings)).toEqual(expected);
  });

  test('another process begins at 0, also one whose first scrape lacks the metric', () => {
    const before: EventMemory = new Map([['o', { bad: 4, total: 50 }]]);
    expect(advanceEvents(before, [counted(5, 60)], 'Restarted').increments).toEqual([{ name: 'o', bad: 5, total: 60 }]);
    const gone = advanceEvents(before, [absent], 'Restarted');
    expect(advanceEvents(gone.memory, [counted(1, 2)], 'Followed').increments).toEqual([{ name: 'o', bad: 1, total: 2 }]);
  });

  test('says what is missing and why', () => {
    expect(advanceEvents(new Map(), [absent], 'NewFromZero').problems).toEqual([{ objective: 'o', reason: 'there is no metric m' }]);
    expect(advanceEvents(new Map(), [counted(3, 2)], 'NewFromZero').problems).toEqual([{ objective: 'o', reason: '3 bad events of only 2: each bad event must be counted in total too' }]);
  });

  const reading = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.nat(50), fc.nat(50)).map(([bad, good]) => counted(bad, bad + good)) },
    { weight: 2, arbitrary: fc.tuple(fc.nat(50), fc.nat(50)).map(([bad, total]) => counted(bad, total)) },
    { weight: 1, arbitrary: fc.constantFrom(absent, damaged) },
  );

  test('are never negative and never have more bad events than events, whatever is read', () => {
    fc.assert(
      fc.property(fc.constantFrom<Acquaintance>('NewFromZero', 'NewWithPast'), fc.array(reading, { maxLength: 40 }), (first, readings) => {
        for (const increment of play(first, readings)) {
          if (increment === 'nothing') continue;
          expect(increment[0]).toBeGreaterThanOrEqual(0);
          expect(increment[1]).toBeGreaterThanOrEqual(increment[0]);
        }
      }),
    );
  });

  test('of a process that runs on add up to what it counted, however many scrapes are missing', () => {
    const steps = fc.array(fc.record({ bad: fc.nat(9), good: fc.nat(9), seen: fc.boolean() }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(steps, (events) => {
        let now = { bad: 0, total: 0 };
        const readings = events.map(({ bad, good, seen }) => {
          now = { bad: now.bad + bad, total: now.total + bad + good };
          return seen ? counted(now.bad, now.total) : absent;
        });
        const all = play('NewFromZero', [...readings, counted(now.bad, now.total)]).filter((each) => each !== 'nothing');
        expect([all.reduce((sum, [bad]) => sum + bad, 0), all.reduce((sum, [, total]) => sum + total, 0)]).toEqual([now.bad, now.total]);
      }),
    );
  });
});
