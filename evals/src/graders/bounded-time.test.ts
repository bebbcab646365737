import { expect, it } from 'vitest';
import { inBoundedTime } from './bounded-time.ts';

it('a task that ends has its value', () => {
  expect(inBoundedTime(60_000, () => 7)).toEqual({ kind: 'Done', value: 7 });
});

it('a task that throws has thrown', () => {
  const broken = new TypeError('broken');
  expect(() => inBoundedTime(60_000, () => {
    throw broken;
  })).toThrow(broken);
});

it('a task without an end is ended, whatever it catches', () => {
  let caught = 0;
  const endless = (): void => {
    try {
      for (;;) caught += 0;
    } catch {
      caught += 1;
    }
  };
  expect(inBoundedTime(20, endless)).toEqual({ kind: 'OutOfTime' });
  expect(caught).toBe(0);
});
