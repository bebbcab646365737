import { abortable } from '@sluice/evals/deadline';
import { Overloaded } from './problem.ts';

export interface AdmissionLimits {
  readonly maxRunning: number;
  readonly maxQueued: number;
}

/** A place in the queue, then among the running. `release` gives it back, wherever it is, and may be called twice. */
export interface Ticket {
  /** Resolves when it is this request's turn; throws the signal's reason when that aborts first. */
  readonly admitted: Promise<void>;
  readonly release: () => void;
}

/** Lets a bounded number of requests run and a bounded number wait, first come, first served. */
export interface Admission {
  /** Throws Overloaded at once when neither has room. */
  readonly enter: (signal: AbortSignal) => Ticket;
  readonly running: () => number;
  readonly queued: () => number;
}

interface Place {
  state: 'waiting' | 'running' | 'gone';
  readonly start: () => void;
}

export function createAdmission(limits: AdmissionLimits): Admission {
  // A Set keeps the order of arrival and gives up a place in the middle without a scan.
  const waiting = new Set<Place>();
  let running = 0;

  const start = (place: Place): void => {
    place.state = 'running';
    running += 1;
    place.start();
  };
  const startNext = (): void => {
    const [first] = waiting;
    if (first === undefined || running >= limits.maxRunning) return;
    waiting.delete(first);
    start(first);
  };
  const release = (place: Place): void => {
    const { state } = place;
    place.state = 'gone';
    if (state === 'waiting') waiting.delete(place);
    if (state !== 'running') return;
    running -= 1;
    startNext();
  };
  const enter = (signal: AbortSignal): Ticket => {
    if (running >= limits.maxRunning && waiting.size >= limits.maxQueued) throw new Overloaded({ running, queued: waiting.size });
    const turn = Promise.withResolvers<void>();
    const place: Place = { state: 'waiting', start: turn.resolve };
    if (running < limits.maxRunning) start(place);
    else waiting.add(place);
    return { admitted: abortable(turn.promise, signal), release: () => release(place) };
  };
  return { enter, running: () => running, queued: () => waiting.size };
}
