import type { FreezeWindow } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { FreezeCalendar } from './freeze-calendar.ts';
import { endlessFreezes, freezeAt } from './freeze.ts';

const weekend: FreezeWindow = { name: 'weekend', schedule: '0 16 * * FRI', duration: '62h', timeZone: 'Europe/Berlin' };
const christmas: FreezeWindow = { name: 'christmas', schedule: '0 0 20 12 *', duration: '312h', timeZone: 'UTC' };
const night: FreezeWindow = { name: 'night', schedule: '30 22 * * *', duration: '7h', timeZone: 'America/New_York' };

describe('freezeAt', () => {
  it.each<readonly [string, FreezeWindow, string, string | undefined]>([
    ['before it begins', weekend, '2026-11-20T14:59:59.999Z', undefined],
    ['when it begins, in its own time zone', weekend, '2026-11-20T15:00:00.000Z', '2026-11-23T05:00:00.000Z'],
    ['in summer time, an hour earlier in UTC', weekend, '2026-07-03T14:00:00.000Z', '2026-07-06T04:00:00.000Z'],
    ['in its last millisecond', weekend, '2026-11-23T04:59:59.999Z', '2026-11-23T05:00:00.000Z'],
    ['when it ends', weekend, '2026-11-23T05:00:00.000Z', undefined],
    ['over the change to winter time it lasts as many hours', weekend, '2026-10-26T03:00:00.000Z', '2026-10-26T04:00:00.000Z'],
    ['over the end of a year', christmas, '2027-01-01T12:00:00.000Z', '2027-01-02T00:00:00.000Z'],
    ['after midnight', night, '2026-11-21T09:00:00.000Z', '2026-11-21T10:30:00.000Z'],
    ['in the afternoon', night, '2026-11-21T20:00:00.000Z', undefined],
  ])('%s', (_name, window, now, endsAt) => {
    const hindrance = freezeAt([window], Date.parse(now));
    expect(hindrance?.message.includes(`lasts until ${endsAt}`)).toBe(endsAt === undefined ? undefined : true);
    if (endsAt !== undefined) expect(hindrance).toMatchObject({ reason: 'Freeze' });
  });

  it('names the window that ends last', () => {
    expect(freezeAt([night, { ...christmas, schedule: '0 0 20 11 *' }], Date.parse('2026-11-21T09:00:00Z'))?.message).toContain('"christmas"');
    expect(freezeAt([], 0)).toBeUndefined();
  });

  it.each<readonly [string, FreezeWindow, string]>([
    ['a time zone that is none', { ...weekend, timeZone: 'Europe/Berln' }, 'rollout.freezes[1].timeZone is "Europe/Berln", which the time zone database does not have: write for example "Europe/Berlin"'],
    ['an hour that is none', { ...weekend, schedule: '0 25 * * FRI' }, 'rollout.freezes[1].schedule is "0 25 * * FRI", which can\'t be read as minute, hour, day of month, month and day of week: write for example "0 16 * * FRI"'],
    ['a day that never comes', { ...weekend, schedule: '0 16 31 2 *' }, 'rollout.freezes[1].schedule is "0 16 31 2 *", a day that never comes: write one that does, or remove the freeze'],
  ])('holds everything, with the field, the value and the fix, for %s', (_name, window, says) => {
    const now = Date.parse('2026-11-18T12:00:00Z');
    expect(freezeAt([christmas, window], now)).toEqual({ reason: 'Freeze', correction: 'InvalidFreeze', message: `Nothing is released until freeze "weekend" is corrected: ${says}` });
    expect(endlessFreezes([christmas, window], now).map(({ index, fault }) => fault.sentenceAt(index))).toEqual([says]);
  });

  it('finds no fault in what can be read', () => {
    expect(endlessFreezes([weekend, christmas, night], 0)).toEqual([]);
  });
});

describe('FreezeCalendar', () => {
  it('says the same as looking it up each time, over a year', () => {
    const calendar = new FreezeCalendar();
    const windows = [weekend, night, christmas];
    for (let now = Date.parse('2026-06-01T00:30:00Z'); now < Date.parse('2027-06-01T00:00:00Z'); now += 29 * 3_600_000) expect(calendar.at(windows, now)).toEqual(freezeAt(windows, now));
  });

  it('is not misled by a clock that goes back', () => {
    const calendar = new FreezeCalendar();
    const inside = Date.parse('2026-11-21T00:00:00Z');
    expect(calendar.at([weekend], Date.parse('2026-11-25T00:00:00Z'))).toBeUndefined();
    expect(calendar.at([weekend], inside)).toEqual(freezeAt([weekend], inside));
  });

  it('tells of a day that never comes, instead of never freezing', () => {
    expect(new FreezeCalendar().at([{ ...weekend, schedule: '0 0 31 2 *' }], Date.parse('2026-11-18T12:00:00Z'))?.message).toContain('a day that never comes');
  });
});
