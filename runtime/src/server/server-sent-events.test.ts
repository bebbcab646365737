import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createEventStream, maximumBufferedBytes } from './server-sent-events.ts';

function open() {
  const clock = createFakeClock();
  const calls: string[] = [];
  const stream = createEventStream({ clock, onTooSlow: () => calls.push('too slow') });
  return { clock, calls, stream };
}

describe('createEventStream', () => {
  it('writes numbered events, each in one data line whatever the text holds', async () => {
    const { stream, clock } = open();
    stream.send('delta', { text: 'line\n\nevent: done\r\n' });
    stream.send('done', {});
    stream.end();
    const text = (await stream.readable.toArray()).join('');
    expect(text).toBe('id: 1\nevent: delta\ndata: {"text":"line\\n\\nevent: done\\r\\n"}\n\nid: 2\nevent: done\ndata: {}\n\n');
    expect(clock.pending()).toBe(0);
  });

  it('sends events that are larger than what may wait, and what comes after them', async () => {
    const { stream, calls } = open();
    const text = 'ä'.repeat(2 * maximumBufferedBytes);
    stream.send('delta', { text });
    stream.send('done', { answer: text });
    stream.end();
    const events = (await stream.readable.toArray()).join('').split('\n\n');
    expect(calls).toEqual([]);
    expect(events.map((event) => event.length > text.length)).toEqual([true, true, false]);
    expect(events[1]).toMatch(/^id: 2\nevent: done\n/);
  });

  it('gives up a client that does not read, once, and holds no more for it', () => {
    const { stream, clock, calls } = open();
    const text = 'x'.repeat(maximumBufferedBytes / 2);
    for (let count = 0; count < 5; count += 1) stream.send('delta', { text });
    stream.end();
    expect(calls).toEqual(['too slow']);
    expect(stream.readable.destroyed).toBe(true);
    clock.advance(60_000);
    expect(stream.readable.destroyed).toBe(true);
  });
});
