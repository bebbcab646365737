import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { SpamGuard } from './spam-guard.ts';

describe('SpamGuard', () => {
  it('admits a burst of 25 per object and one more every five minutes', async () => {
    const clock = new FakeClock();
    const guard = new SpamGuard(clock);
    const admitted = () => Array.from({ length: 40 }, () => guard.admit('a')).filter(Boolean).length;
    expect(admitted()).toBe(25);
    await clock.advance(600_000);
    expect(admitted()).toBe(2);
    expect(guard.admit('b')).toBe(true);
  });

  it('remembers a bounded number of objects', () => {
    const guard = new SpamGuard(new FakeClock());
    for (let count = 0; count < 25; count++) guard.admit('first');
    for (let count = 0; count < 5000; count++) guard.admit(`object ${count}`);
    expect(guard.admit('first')).toBe(true);
  });
});
