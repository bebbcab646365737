import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { ClosedFor } from './closed-connections.ts';
import { createConnections } from './connections.ts';

/** A socket that says whether it was closed. */
class FakeSocket extends EventEmitter {
  open = true;
  destroyed = false;

  destroy(): void {
    this.open = false;
    this.destroyed = true;
    this.emit('close');
  }
}

function rigOf(maximum: number) {
  const server = new EventEmitter() as EventEmitter & { maxConnections?: number };
  const clock = createFakeClock();
  const why: ClosedFor[] = [];
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', revision: 'r1', policyVersion: 'support@r1', secrets: () => [], destination: { write: (line) => lines.push(line) } });
  const connections = createConnections({ maximum, clock, logger, onClosed: (each) => why.push(each) });
  let begun = 0;
  server.on('request', () => (begun += 1));
  connections.follow(server as unknown as Server);
  const connect = (): FakeSocket => {
    const socket = new FakeSocket();
    server.emit('connection', socket);
    return socket;
  };
  /** Begins a request; the function ends it. */
  const ask = (socket: FakeSocket): (() => void) => {
    const response = new EventEmitter();
    server.emit('request', { socket }, response);
    return () => void response.emit('close');
  };
  const letIn = (socket: FakeSocket) => connections.letIn(socket as unknown as Socket);
  /** One whose caller is known, between two requests. */
  const known = (): FakeSocket => {
    const socket = connect();
    const end = ask(socket);
    letIn(socket);
    end();
    return socket;
  };
  const answered = (socket: FakeSocket, bytes: number): void => connections.answered(socket as unknown as Socket, bytes);
  return { server, clock, connections, connect, ask, letIn, known, answered, begun: () => begun, why, logs: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const isOpen = ({ open }: FakeSocket): boolean => open;

describe('a connection more than there may be', () => {
  it('takes the place of the longest idle one', () => {
    const { connect, ask, connections, why } = rigOf(3);
    const [first, second, third] = [connect(), connect(), connect()];
    ask(first)();
    const fourth = connect();
    expect([first, second, third, fourth].map(isOpen)).toEqual([true, false, true, true]);
    expect([connections.use(), why]).toEqual([{ inUse: 0, idle: 3, maximum: 3 }, ['room']]);
  });

  it('takes that of one on which nobody was let in, whatever came last, and of these one without a request first', () => {
    const { connect, ask, known } = rigOf(3);
    const caller = known();
    const slow = connect();
    ask(slow);
    const probe = connect();
    const flood = Array.from({ length: 100 }, connect);
    expect([caller, slow, probe].map(isOpen)).toEqual([true, true, false]);
    expect(flood.filter(isOpen)).toEqual([flood.at(-1)]);
  });

  it('takes that of the longest request on which nobody was let in where all have one', () => {
    const { connect, ask, known } = rigOf(3);
    const caller = known();
    const readers = [connect(), connect()];
    for (const reader of readers) ask(reader);
    const next = connect();
    expect([caller, ...readers, next].map(isOpen)).toEqual([true, false, true, true]);
  });
});

describe('a caller more than there may be', () => {
  it('takes the place of the one that has been idle longest', () => {
    const { connect, ask, known, letIn } = rigOf(3);
    const [busy, idle] = [known(), known()];
    ask(busy);
    const next = connect();
    ask(next);
    expect([letIn(next), [busy, idle, next].map(isOpen)]).toEqual(['taken', [true, false, true]]);
  });

  it('gets an answer and no place while all others have requests under way, and one as soon as a request has ended', () => {
    const { server, connect, ask, known, letIn, connections, why } = rigOf(3);
    const callers = [known(), known()];
    const ends = callers.map((caller) => ask(caller));
    const late = connect();
    ask(late);
    expect([letIn(late), connections.use().inUse, why, server.maxConnections]).toEqual(['full', 3, ['refused'], 67]);
    ends[0]?.();
    expect([letIn(late), callers.map(isOpen)]).toEqual(['taken', [false, true]]);
  });

  it('was let in before: there is nothing to ask', () => {
    const { ask, known, letIn } = rigOf(2);
    const caller = known();
    ask(caller);
    expect(letIn(caller)).toBe('taken');
  });
});

it('a request that is one of several on its connection does not make it idle', () => {
  const { ask, known, letIn, connect, connections } = rigOf(2);
  const caller = known();
  const one = ask(caller);
  ask(caller);
  one();
  expect(connections.use()).toMatchObject({ inUse: 1, idle: 0 });
  expect(letIn(connect())).toBe('full');
});

describe('what is not read', () => {
  it('closes a connection that sends ever more requests ahead, and the rest of them is not worked on', () => {
    const { connect, ask, known, begun, why } = rigOf(4);
    for (const socket of [connect(), known()]) {
      const before = begun();
      for (let index = 0; index < 1_000; index += 1) ask(socket);
      expect([socket.open, begun() - before]).toEqual([false, 16]);
    }
    expect(why).toEqual(['unread', 'unread']);
  });

  it.each([['nobody was let in', 16], ['a caller was let in', 64]] as const)('closes those that have not read for longest where it is too much of all on which %s: %i MiB', (whose, most) => {
    const { connect, ask, known, letIn, answered, why } = rigOf(1_000);
    const take = whose === 'nobody was let in' ? connect : known;
    const other = whose === 'nobody was let in' ? known() : connect();
    ask(other);
    answered(other, 15 * 1_048_576);
    const waiting = take();
    ask(waiting);
    const readers = Array.from({ length: most + 4 }, take);
    const ends = readers.map((reader) => ask(reader));
    for (const reader of readers) answered(reader, 1_048_576);
    // The oldest one waits for its answer: there is nothing that it could read.
    expect([other.open, waiting.open, readers.filter(isOpen).length, readers.slice(0, 4).some(isOpen)]).toEqual([true, true, most, false]);
    for (const end of ends) end();
    // Who has read all counts no more, and one answer may be larger than all.
    const next = take();
    ask(next);
    answered(next, (most + 1) * 1_048_576);
    expect([next.open, letIn(next), why]).toEqual([true, 'taken', ['unread', 'unread', 'unread', 'unread']]);
  });
});

it('says so at once, then once a minute with how many there were', () => {
  const { server, connect, clock, logs } = rigOf(1);
  for (let index = 0; index < 4; index += 1) connect();
  server.emit('drop', {});
  expect(logs()).toEqual([expect.objectContaining({ level: 'warn', closed_for_room: 1, refused: 0, maximum: 1 })]);
  clock.advance(60_000);
  connect();
  expect(logs()[1]).toMatchObject({ closed_for_room: 3, refused: 1 });
});

it('whatever comes, no request of a caller is cut, a new connection is taken in, and there is always a place for one without a caller', () => {
  const step = fc.record({ what: fc.constantFrom('connect', 'ask', 'letIn', 'end', 'leave'), which: fc.nat(20) });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.array(step, { maxLength: 100 }), (maximum, steps) => {
      const { connect, ask, letIn, connections } = rigOf(maximum);
      const all: { readonly socket: FakeSocket; readonly ends: (() => void)[]; caller: 'known' | 'unknown' }[] = [];
      const working = () => all.filter(({ socket, ends, caller }) => socket.open && caller === 'known' && ends.length > 0);
      for (const { what, which } of steps) {
        const mine = all[which % Math.max(1, all.length)];
        const before = working();
        if (what === 'connect') {
          const socket = connect();
          all.push({ socket, ends: [], caller: 'unknown' });
          expect(socket.open).toBe(true);
        } else if (mine?.socket.open !== true) continue;
        else if (what === 'ask') mine.ends.push(ask(mine.socket));
        else if (what === 'letIn') mine.caller = letIn(mine.socket) === 'taken' ? 'known' : mine.caller;
        else if (what === 'end') mine.ends.pop()?.();
        else mine.socket.destroy();
        expect(before.filter((each) => each !== mine).map(({ socket }) => socket.open)).not.toContain(false);
        const { inUse, idle } = connections.use();
        const there = all.filter(({ socket }) => socket.open);
        expect([inUse, idle]).toEqual([there.filter(({ ends }) => ends.length > 0).length, there.filter(({ ends }) => ends.length === 0).length]);
        expect(inUse + idle).toBeLessThanOrEqual(maximum);
        expect(there.filter(({ caller }) => caller === 'known').length).toBeLessThan(maximum);
      }
    }),
  );
});
