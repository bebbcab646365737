import { expect, it } from 'vitest';
import { ChangeSignal } from './change-signal.ts';

it('keeps several changes that nobody waited for as one', async () => {
  const end = new AbortController();
  const changes = new ChangeSignal(end.signal);
  changes.notify();
  changes.notify();
  expect(await changes.next()).toBe('Changed');
  const second = changes.next();
  end.abort();
  expect(await second).toBe('Ended');
  expect(await changes.next()).toBe('Ended');
});

it('wakes who waits', async () => {
  const changes = new ChangeSignal(new AbortController().signal);
  const waiting = changes.next();
  changes.notify();
  expect(await waiting).toBe('Changed');
});
