import { expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createCheckTime } from './check-time.ts';

it('checks share one time, the quick ones too, and none is begun when it is over', () => {
  const clock = createFakeClock();
  const time = createCheckTime(clock, 1_000);
  const begun: string[] = [];
  const taking = (name: string, milliseconds: number) => () => {
    begun.push(name);
    clock.advance(milliseconds);
    return name;
  };
  expect(time.quick(taking('first', 400))).toEqual({ kind: 'Done', value: 'first' });
  expect(time.bounded(taking('second', 599))).toEqual({ kind: 'Done', value: 'second' });
  expect(time.quick(taking('third', 400))).toEqual({ kind: 'Done', value: 'third' });
  expect([time.quick(taking('fourth', 1)), time.bounded(taking('fifth', 1))]).toEqual([{ kind: 'OutOfTime' }, { kind: 'OutOfTime' }]);
  expect(begun).toEqual(['first', 'second', 'third']);
});

it('a check that was ended in the middle leaves no time, whatever the clock says', () => {
  const time = createCheckTime(createFakeClock(), 20);
  const endless = (): never => {
    for (;;);
  };
  expect(time.bounded(endless)).toEqual({ kind: 'OutOfTime' });
  expect(time.quick(() => 1)).toEqual({ kind: 'OutOfTime' });
});

it('a check that throws has taken its time', () => {
  const clock = createFakeClock();
  const time = createCheckTime(clock, 100);
  expect(() => time.quick(() => {
    clock.advance(100);
    throw new TypeError('broken');
  })).toThrow('broken');
  expect(time.quick(() => 1)).toEqual({ kind: 'OutOfTime' });
});
