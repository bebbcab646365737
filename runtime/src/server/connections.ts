import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';

/** `room`: it was idle, or nobody was let in on it, and a new one took its place. `refused`: there was no place for it among those of callers. */
export type ClosedFor = 'room' | 'refused';

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
  readonly use: () => ConnectionUse;
}

export interface ConnectionsOptions {
  readonly maximum: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onClosed: (why: ClosedFor) => void;
}

/** Of the maximum, what callers never have: for probes, and for those who are not let in yet. */
function placesForOthers(maximum: number): number {
  return Math.max(1, Math.min(256, Math.floor(maximum / 4)));
}

/** What was closed this moment may be there still for the server. */
const closing = 64;
/** Between two log lines about closed connections. */
const quietMilliseconds = 60_000;

interface Entry {
  /** Whether a caller was let in on it yet. */
  caller: 'unknown' | 'known';
  /** Under way. */
  requests: number;
  /** The one of the sets below that it is in. */
  among: Set<Socket>;
}

/** Counts, and tells of the first closed one at once, of those that follow once a minute. */
function reportClosed({ clock, logger, maximum, onClosed }: ConnectionsOptions): (why: ClosedFor) => void {
  let said = Number.NEGATIVE_INFINITY;
  let counts = { room: 0, refused: 0 };
  return (why) => {
    onClosed(why);
    counts[why] += 1;
    if (clock.now() - said < quietMilliseconds) return;
    said = clock.now();
    logger.warn({ closed_for_room: counts.room, refused: counts.refused, maximum }, 'there are as many connections as this process takes: those that are not used longest, and on which nobody was let in, are closed for new ones');
    counts = { room: 0, refused: 0 };
  };
}

function firstOf(...sets: readonly Set<Socket>[]): Socket | undefined {
  return sets.find((set) => set.size > 0)?.values().next().value;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const { maximum } = options;
  const mostOfCallers = maximum - placesForOthers(maximum);
  const entries = new Map<Socket, Entry>();
  // Each in the order in which they came there, so that the first is the longest in it.
  const unknownIdle = new Set<Socket>();
  const unknownBusy = new Set<Socket>();
  const knownIdle = new Set<Socket>();
  const knownBusy = new Set<Socket>();
  const closed = reportClosed(options);

  const place = (socket: Socket, entry: Entry): void => {
    entry.among.delete(socket);
    const { caller, requests } = entry;
    entry.among = caller === 'known' ? (requests > 0 ? knownBusy : knownIdle) : requests > 0 ? unknownBusy : unknownIdle;
    entry.among.add(socket);
  };
  const forget = (socket: Socket): void => {
    entries.get(socket)?.among.delete(socket);
    entries.delete(socket);
  };
  const close = (socket: Socket | undefined): void => {
    if (socket === undefined) return;
    forget(socket);
    socket.destroy();
    closed('room');
  };
  const change = (socket: Socket, requests: 1 | -1): void => {
    const entry = entries.get(socket);
    if (entry === undefined) return;
    entry.requests += requests;
    place(socket, entry);
  };
  const take = (socket: Socket): void => {
    // Those of callers are fewer than all, so there is one without.
    if (entries.size >= maximum) close(firstOf(unknownIdle, unknownBusy));
    const entry: Entry = { caller: 'unknown', requests: 0, among: unknownIdle };
    entries.set(socket, entry);
    place(socket, entry);
    socket.once('close', () => forget(socket));
  };
  return {
    follow: (server) => {
      server.maxConnections = maximum + closing;
      server.on('connection', take);
      server.on('drop', () => closed('refused'));
      server.prependListener('request', ({ socket }, response) => {
        change(socket, 1);
        response.once('close', () => change(socket, -1));
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
      entry.caller = 'known';
      place(socket, entry);
      return 'taken';
    },
    use: () => ({ inUse: knownBusy.size + unknownBusy.size, idle: knownIdle.size + unknownIdle.size, maximum }),
  };
}
