import { abortable } from '@sluice/evals/deadline';
import { Overloaded } from './problem.ts';
import { QueueShareTaken } from './request-problems.ts';

export interface AdmissionLimits {
  readonly maxRunning: number;
  readonly maxQueued: number;
}

/** A place in the queue, then among the running. `release` gives it back, wherever it is, and may be called twice. */
export interface Ticket {
  /** Resolves when it is this request's turn; throws the signal's reason when that aborts first, and QueueShareTaken when its place in the queue went to another tenant. */
  readonly admitted: Promise<void>;
  readonly release: () => void;
}

/**
 * Lets a bounded number of requests run and a bounded number wait. Tenants take turns, and each one's requests are first come, first served. A tenant that is alone may have the whole queue;
 * where others wait too, it has its part of it: the newest requests of the one that has most make room.
 */
export interface Admission {
  /** `tenant` not set: of nobody in particular, who are one. Throws at once when there is no room: QueueShareTaken where the tenant has its part of the queue, Overloaded else. */
  readonly enter: (signal: AbortSignal, tenant?: string) => Ticket;
  readonly running: () => number;
  readonly queued: () => number;
}

interface Place {
  readonly tenant: string;
  state: 'waiting' | 'running' | 'gone';
  readonly turn: PromiseWithResolvers<void>;
}

interface Queue {
  readonly size: () => number;
  readonly add: (place: Place) => void;
  readonly remove: (place: Place) => void;
  /** Of the tenant whose turn it is. */
  readonly takeNext: () => Place | undefined;
  /** Makes room for one more of this tenant. Throws QueueShareTaken and Overloaded. */
  readonly makeRoom: (tenant: string, running: number) => Place;
}

function createQueue(maximum: number): Queue {
  // Maps and Sets keep the order of arrival and give up a place in the middle without a scan. The tenant whose turn it is comes first.
  const waiting = new Map<string, Set<Place>>();
  let size = 0;
  const remove = (place: Place): void => {
    const places = waiting.get(place.tenant);
    if (places?.delete(place) !== true) return;
    size -= 1;
    if (places.size === 0) waiting.delete(place.tenant);
  };
  const largest = (): Set<Place> => [...waiting.values()].reduce((most, places) => (places.size > most.size ? places : most), new Set<Place>());
  return {
    size: () => size,
    add: (place) => {
      const places = waiting.get(place.tenant) ?? new Set();
      waiting.set(place.tenant, places.add(place));
      size += 1;
    },
    remove,
    takeNext: () => {
      const [next] = waiting;
      if (next === undefined) return undefined;
      const [tenant, places] = next;
      const [first] = places;
      if (first === undefined) return undefined;
      remove(first);
      // The next turn is another one's.
      if (waiting.delete(tenant) && places.size > 0) waiting.set(tenant, places);
      return first;
    },
    makeRoom: (tenant, running) => {
      const own = waiting.get(tenant)?.size ?? 0;
      const tenants = waiting.size + (own === 0 ? 1 : 0);
      const share = Math.max(1, Math.floor(maximum / tenants));
      if (tenants > 1 && own >= share) throw new QueueShareTaken({ share, places: maximum });
      const most = largest();
      const newest = [...most].at(-1);
      // To take the place of one that has no more than this one would have is no fairer.
      if (newest === undefined || most.size <= own + 1) throw new Overloaded({ running, queued: size });
      remove(newest);
      newest.turn.reject(new QueueShareTaken({ share, places: maximum }));
      return newest;
    },
  };
}

export function createAdmission(limits: AdmissionLimits): Admission {
  const queue = createQueue(limits.maxQueued);
  let running = 0;

  const start = (place: Place): void => {
    place.state = 'running';
    running += 1;
    place.turn.resolve();
  };
  const release = (place: Place): void => {
    const { state } = place;
    place.state = 'gone';
    if (state === 'waiting') queue.remove(place);
    if (state !== 'running') return;
    running -= 1;
    const next = running < limits.maxRunning ? queue.takeNext() : undefined;
    if (next !== undefined) start(next);
  };
  const enter: Admission['enter'] = (signal, tenant = '') => {
    const place: Place = { tenant, state: 'waiting', turn: Promise.withResolvers<void>() };
    if (running < limits.maxRunning) start(place);
    else {
      if (queue.size() >= limits.maxQueued) queue.makeRoom(tenant, running).state = 'gone';
      queue.add(place);
    }
    return { admitted: abortable(place.turn.promise, signal), release: () => release(place) };
  };
  return { enter, running: () => running, queued: queue.size };
}
