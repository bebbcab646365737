import { schedulePattern } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { endlessFreezes } from './freeze.ts';

const pattern = new RegExp(schedulePattern);

function isRead(schedule: string): boolean {
  return endlessFreezes([{ name: 'any', schedule, duration: '1h', timeZone: 'UTC' }], Date.parse('2026-11-18T12:00:00Z')).length === 0;
}

const words = ['*', '?', '*/2', '0', '5', '05', '7', '8', '23', '24', '25', '31', '32', '59', '60', '1-5', '5-1', '1-5/2', '0/15', '1,2', '1,*/3', 'JAN', 'dec', 'Jan-Mar', 'MON-FRI', 'sun', 'L', 'LW', '15W', '5L', 'FRI#2', '5#L', 'FRI#6', 'NOW', '-1', '1-', ',', '/2'];
const schedules = [0, 1, 2, 3, 4].flatMap((place) => words.map((word) => ['0', '0', '*', '*', '*'].with(place, word).join(' ')));

describe('the pattern of schedules', () => {
  it('takes every field that the operator reads, in every place', () => {
    expect(schedules.filter((schedule) => isRead(schedule) && !pattern.test(schedule))).toEqual([]);
  });

  it('leaves to the operator what a pattern cannot tell, and no more', () => {
    expect(schedules.filter((schedule) => !isRead(schedule) && pattern.test(schedule))).toEqual(['5-1 0 * * *', '0 5-1 * * *', '0 0 5-1 * *', '0 0 * 5-1 *', '0 0 * * 5-1']);
  });
});
