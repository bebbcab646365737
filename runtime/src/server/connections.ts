import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { reportClosed, type ClosedFor, type ReportOptions } from './closed-connections.ts';

/** How many there are: with a request under way, without one, and the most that may be. */
export interface ConnectionUse {
  readonly inUse: number;
  readonly idle: number;
  readonly maximum: number;
}

/** The connections of a process. Those that nobody uses give way to new ones, so that no number of them keeps probes and callers out. */
export interface Connections {
  /** Takes in those of a server. */
  readonly follow: (server: Server) => void;
  /** A caller of a request on it was let in, so it gives way to other callers alone. `full`: all places for callers have requests under way. */
  readonly letIn: (socket: Socket) => 'taken' | 'full';
  /** An answer of this many bytes waits for the reader of a connection. */
  readonly answered: (socket: Socket, bytes: number) => void;
  readonly use: () => ConnectionUse;
}

/** Of the maximum, what callers never have: for probes, and for those who are not let in yet. */
function placesForOthers(maximum: number): number {
  return Math.max(1, Math.min(256, Math.floor(maximum / 4)));
}

/** Requests that are sent ahead on one connection: what it is answered waits in memory until it reads what came before. */
const mostAtATime = 16;
/** Bytes of answers that wait for their readers: of all on whose connections nobody was let in, and of all callers. */
const mostUnread = { unknown: 16 * 1_048_576, known: 64 * 1_048_576 } as const;
/** What was closed this moment may be there still for the server. */
const closing = 64;

interface Entry {
  /** Whether a caller was let in on it yet. */
  caller: 'unknown' | 'known';
  /** Under way. */
  requests: number;
  /** Bytes of their answers. */
  unread: number;
  /** The one of the sets below that it is in. */
  among: Set<Socket>;
}

function firstOf(...sets: readonly Set<Socket>[]): Socket | undefined {
  return sets.find((set) => set.size > 0)?.values().next().value;
}

export function createConnections(options: ReportOptions): Connections {
  const { maximum } = options;
  const mostOfCallers = maximum - placesForOthers(maximum);
  const entries = new Map<Socket, Entry>();
  // Each in the order in which they came there, so that the first is the longest in it.
  const unknownIdle = new Set<Socket>();
  const unknownBusy = new Set<Socket>();
  const knownIdle = new Set<Socket>();
  const knownBusy = new Set<Socket>();
  const closed = reportClosed(options);
  /** Those whose answers wait, and the bytes of them all. */
  const unread = { unknown: { readers: new Set<Socket>(), bytes: 0 }, known: { readers: new Set<Socket>(), bytes: 0 } };

  const forgetAnswers = (socket: Socket, entry: Entry): void => {
    const among = unread[entry.caller];
    among.readers.delete(socket);
    among.bytes -= entry.unread;
    entry.unread = 0;
  };
  const place = (socket: Socket, entry: Entry): void => {
    entry.among.delete(socket);
    const { caller, requests } = entry;
    entry.among = caller === 'known' ? (requests > 0 ? knownBusy : knownIdle) : requests > 0 ? unknownBusy : unknownIdle;
    entry.among.add(socket);
  };
  const forget = (socket: Socket): void => {
    const entry = entries.get(socket);
    if (entry === undefined) return;
    forgetAnswers(socket, entry);
    entry.among.delete(socket);
    entries.delete(socket);
  };
  const close = (socket: Socket | undefined, why: ClosedFor = 'room'): void => {
    if (socket === undefined) return;
    forget(socket);
    socket.destroy();
    closed(why);
  };
  /** `ignored`: the connection is closed, or is so for this request, and what was sent ahead on it needs no answer. */
  const begin = (socket: Socket): 'begun' | 'ignored' => {
    const entry = entries.get(socket);
    if (entry === undefined) return socket.destroyed ? 'ignored' : 'begun';
    if (entry.requests >= mostAtATime) {
      close(socket, 'unread');
      return 'ignored';
    }
    entry.requests += 1;
    place(socket, entry);
    return 'begun';
  };
  const end = (socket: Socket): void => {
    const entry = entries.get(socket);
    if (entry === undefined) return;
    entry.requests -= 1;
    if (entry.requests === 0) forgetAnswers(socket, entry);
    place(socket, entry);
  };
  const take = (socket: Socket): void => {
    // Those of callers are fewer than all, so there is one without.
    if (entries.size >= maximum) close(firstOf(unknownIdle, unknownBusy));
    const entry: Entry = { caller: 'unknown', requests: 0, unread: 0, among: unknownIdle };
    entries.set(socket, entry);
    place(socket, entry);
    socket.once('close', () => forget(socket));
  };
  return {
    follow: (server) => {
      server.maxConnections = maximum + closing;
      server.on('connection', take);
      server.on('drop', () => closed('refused'));
      const answering = server.listeners('request');
      server.removeAllListeners('request');
      server.on('request', (request, response) => {
        const { socket } = request;
        if (begin(socket) === 'ignored') return;
        response.once('close', () => end(socket));
        for (const answer of answering) Reflect.apply(answer, server, [request, response]);
      });
    },
    letIn: (socket) => {
      const entry = entries.get(socket);
      if (entry === undefined || entry.caller === 'known') return 'taken';
      if (knownBusy.size >= mostOfCallers) {
        closed('refused');
        return 'full';
      }
      if (knownBusy.size + knownIdle.size >= mostOfCallers) close(firstOf(knownIdle));
      forgetAnswers(socket, entry);
      entry.caller = 'known';
      place(socket, entry);
      return 'taken';
    },
    answered: (socket, bytes) => {
      const entry = entries.get(socket);
      if (entry === undefined) return;
      const among = unread[entry.caller];
      among.readers.add(socket);
      among.bytes += bytes;
      entry.unread += bytes;
      for (const reader of among.readers) {
        // One answer may be larger than all may be together.
        if (among.bytes <= mostUnread[entry.caller] || reader === socket) return;
        close(reader, 'unread');
      }
    },
    use: () => ({ inUse: knownBusy.size + unknownBusy.size, idle: knownIdle.size + unknownIdle.size, maximum }),
  };
}
