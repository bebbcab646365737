import type { FreezeWindow } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { FreezeCalendar } from './freeze-calendar.ts';
import { endlessFreezes, freezeAt, freezeWithoutEnd } from './freeze.ts';

const weekend: FreezeWindow = { name: 'weekend', schedule: '0 16 * * FRI', duration: '62h', timeZone: 'Europe/Berlin' };
const christmas: FreezeWindow = { name: 'christmas', schedule: '0 0 20 12 *', duration: '312h', timeZone: 'UTC' };
const early: FreezeWindow = { name: 'early', schedule: '30 2 * * *', duration: '1h', timeZone: 'Europe/Berlin' };
const night: FreezeWindow = { name: 'night', schedule: '30 22 * * *', duration: '7h', timeZone: 'America/New_York' };

describe('freezeAt', () => {
  it.each<readonly [string, FreezeWindow, string, string | undefined]>([
    ['before it begins', weekend, '2026-11-20T14:59:59.999Z', undefined],
    ['when it begins, in its own time zone', weekend, '2026-11-20T15:00:00.000Z', '2026-11-23T05:00:00.000Z'],
    ['in summer time, an hour earlier in UTC', weekend, '2026-07-03T14:00:00.000Z', '2026-07-06T04:00:00.000Z'],
    ['in its last millisecond', weekend, '2026-11-23T04:59:59.999Z', '2026-11-23T05:00:00.000Z'],
    ['when it ends', weekend, '2026-11-23T05:00:00.000Z', undefined],
    ['over the change to winter time it lasts as many hours', weekend, '2026-10-26T03:00:00.000Z', '2026-10-26T04:00:00.000Z'],
    ['before an hour that the change to summer time leaves out', early, '2026-03-29T00:59:59.999Z', undefined],
    ['that begins in that hour: when the clocks go forward', early, '2026-03-29T01:00:00.000Z', '2026-03-29T02:00:00.000Z'],
    ['that begins in the hour that comes twice: the first time', early, '2026-10-25T00:30:00.000Z', '2026-10-25T02:30:00.000Z'],
    ['still in the second hour', early, '2026-10-25T01:15:00.000Z', '2026-10-25T02:30:00.000Z'],
    ['and a second time, when the clock shows it again', early, '2026-10-25T01:30:00.000Z', '2026-10-25T02:30:00.000Z'],
    ['until that ends', early, '2026-10-25T02:30:00.000Z', undefined],
    ['the day before it comes once', early, '2026-10-24T00:30:00.000Z', '2026-10-24T01:30:00.000Z'],
    ['and the day after', early, '2026-10-26T01:30:00.000Z', '2026-10-26T02:30:00.000Z'],
    ['a short one, the first time', { ...early, duration: '15m' }, '2026-10-25T00:30:00.000Z', '2026-10-25T00:45:00.000Z'],
    ['between the two', { ...early, duration: '15m' }, '2026-10-25T01:15:00.000Z', undefined],
    ['the second time', { ...early, duration: '15m' }, '2026-10-25T01:44:59.999Z', '2026-10-25T01:45:00.000Z'],
    ['for all of the hour, and of the other', { ...early, schedule: '0 2 * * *' }, '2026-10-25T00:00:00.000Z', '2026-10-25T02:00:00.000Z'],
    ['one of two in that hour', { ...early, schedule: '0,30 2 * * *', duration: '10m' }, '2026-10-25T01:05:00.000Z', '2026-10-25T01:10:00.000Z'],
    ['a long one goes on from the second', { ...early, duration: '5h' }, '2026-10-25T01:15:00.000Z', '2026-10-25T06:30:00.000Z'],
    ['one that began before that hour lasts as many hours', { ...early, schedule: '0 1 * * *', duration: '2h' }, '2026-10-25T00:59:59.999Z', '2026-10-25T01:00:00.000Z'],
    ['where half an hour comes twice: the first time', { ...early, schedule: '45 1 * * *', duration: '15m', timeZone: 'Australia/Lord_Howe' }, '2026-04-04T14:50:00.000Z', '2026-04-04T15:00:00.000Z'],
    ['and the second', { ...early, schedule: '45 1 * * *', duration: '15m', timeZone: 'Australia/Lord_Howe' }, '2026-04-04T15:20:00.000Z', '2026-04-04T15:30:00.000Z'],
    ['over the end of a year', christmas, '2027-01-01T12:00:00.000Z', '2027-01-02T00:00:00.000Z'],
    ['after midnight', night, '2026-11-21T09:00:00.000Z', '2026-11-21T10:30:00.000Z'],
    ['in the afternoon', night, '2026-11-21T20:00:00.000Z', undefined],
  ])('%s', (_name, window, now, endsAt) => {
    const hindrance = freezeAt([window], Date.parse(now));
    expect(hindrance?.message.includes(`lasts until ${endsAt}`)).toBe(endsAt === undefined ? undefined : true);
    if (endsAt !== undefined) expect(hindrance).toMatchObject({ reason: 'Freeze' });
  });

  const day: FreezeWindow = { name: 'day', schedule: '0 8 * * MON-FRI', duration: '10h', timeZone: 'UTC' };
  const evening: FreezeWindow = { name: 'evening', schedule: '0 18 * * FRI', duration: '2h', timeZone: 'UTC' };
  const always: FreezeWindow = { name: 'always', schedule: '* * * * *', duration: '1h', timeZone: 'UTC' };
  it.each<readonly [string, readonly FreezeWindow[], string, string]>([
    ['one that meets the next', [day, evening], '2026-11-20T10:00:00.000Z', 'Freeze "day" lasts until 2026-11-20T20:00:00.000Z, with the windows that follow it without a gap; until then'],
    ['one that is the last of those that meet', [day, evening], '2026-11-20T18:00:00.000Z', 'Freeze "evening" lasts until 2026-11-20T20:00:00.000Z; until then'],
    ['one that another overlaps', [day, { ...evening, schedule: '0 17 * * FRI' }], '2026-11-20T10:00:00.000Z', 'lasts until 2026-11-20T19:00:00.000Z, with'],
    ['one whose next one comes a minute after its end', [day, { ...evening, schedule: '1 18 * * FRI' }], '2026-11-20T10:00:00.000Z', 'Freeze "day" lasts until 2026-11-20T18:00:00.000Z; until then'],
    ['one that begins anew before it ends', [always], '2026-11-20T10:00:30.000Z', 'Freeze "always" does not end before 2026-11-21T18:00:00.000Z, because its windows follow each other without a gap; until then'],
    ['two that take turns for ever', [{ ...day, schedule: '0 8 * * *' }, { ...day, name: 'night', schedule: '0 18 * * *', duration: '14h' }], '2026-11-20T10:00:00.000Z', 'Freeze "day" does not end before'],
  ])('tells the end of %s', (_name, windows, now, says) => {
    expect(freezeAt(windows, Date.parse(now))?.message).toContain(says);
    expect(new FreezeCalendar().at(windows, Date.parse(now))?.message).toContain(says);
  });

  it('knows the windows that have no end in sight, also before they begin', () => {
    const now = Date.parse('2026-11-20T10:00:00.000Z');
    expect(freezeWithoutEnd([weekend, always], now)).toMatchObject({ from: now });
    expect(freezeWithoutEnd([{ ...always, schedule: '*/30 * 21-31 * *', duration: '24h' }, { ...always, schedule: '0 0 * * *', duration: '24h' }], now)).toBeDefined();
    expect(freezeWithoutEnd([weekend, christmas, night, day, evening], now)).toBeUndefined();
    expect(freezeWithoutEnd([{ ...always, schedule: '0 0 31 2 *' }], now)).toBeUndefined();
    expect(freezeWithoutEnd([], now)).toBeUndefined();
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

  it('says the same minute by minute while the clocks go back and forward', () => {
    const windows = [early, { ...early, name: 'often', schedule: '0,30 1-2 * * *', duration: '10m' }];
    for (const day of ['2026-10-25T00:00:00Z', '2026-03-29T00:00:00Z']) {
      const calendar = new FreezeCalendar();
      for (let minute = -120; minute <= 240; minute += 5) {
        const now = Date.parse(day) + minute * 60_000;
        expect(calendar.at(windows, now), new Date(now).toISOString()).toEqual(freezeAt(windows, now));
      }
    }
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
