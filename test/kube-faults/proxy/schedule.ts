import { type Random, seededRandom, textFraction } from '../../provider-simulator/seeded-random.ts';
import { answerFaults, endingFaults, type Fault, type FaultKind, type FaultPlan, lineFaults, openingFaults, requestFaults, type RequestFacts } from './fault.ts';

/** Share of the requests of a lane that meet a fault. */
const SHARE: Readonly<Record<RequestFacts['lane'], number>> = { watch: 0.95, read: 0.5, write: 0.35 };
const CALL_FAULTS: readonly FaultKind[] = [...requestFaults, ...answerFaults];

/** A plan that goes on until it is told that enough has gone wrong. */
export interface Schedule extends FaultPlan {
  /** From now on everything passes. */
  stop(): void;
}

/**
 * Faults drawn from a seed. Each lane deals its kinds from shuffled decks, so that every kind comes up after so many requests
 * however the draw falls; the n-th request of a lane meets the same fault in every run with that seed.
 */
export function randomSchedule(seed: number): Schedule {
  let active = true;
  const lanes = {
    watch: watchLane(seededRandom(laneSeed(seed, 'watch')), seed),
    read: callLane(seededRandom(laneSeed(seed, 'read')), SHARE.read, seed),
    write: callLane(seededRandom(laneSeed(seed, 'write')), SHARE.write, seed),
  };
  return {
    draw: ({ lane }) => (active ? lanes[lane]() : []),
    stop: () => void (active = false),
  };
}

function laneSeed(seed: number, lane: string): number {
  return Math.floor(textFraction(`${lane} ${seed}`) * 2 ** 32);
}

function callLane(random: Random, share: number, seed: number): () => readonly Fault[] {
  const deal = deck(random, CALL_FAULTS, seed);
  return () => (random() < share ? [fault(random, deal())] : []);
}

/** A watch either fails to open, or loses its order a little and then ends badly. */
function watchLane(random: Random, seed: number): () => readonly Fault[] {
  const opening = deck(random, openingFaults, seed);
  const line = deck(random, lineFaults, seed);
  const ending = deck(random, endingFaults, seed);
  return () => {
    if (random() >= SHARE.watch) return [];
    if (random() < 0.25) return [fault(random, opening())];
    const end = fault(random, ending());
    return random() < 0.6 ? [fault(random, line()), { ...end, afterLines: end.afterLines + 6, afterMs: end.afterMs + 600 }] : [end];
  };
}

/** The first deck begins elsewhere with every seed, so that a few seeds together meet every kind even in a lane that sees few requests. */
function deck(random: Random, kinds: readonly FaultKind[], seed: number): () => FaultKind {
  const start = (Math.abs(Math.trunc(seed)) * 3) % kinds.length;
  let left: FaultKind[] = [...kinds.slice(start), ...kinds.slice(0, start)].toReversed();
  return () => {
    if (left.length === 0) left = shuffled(random, kinds);
    return left.pop() ?? 'reset';
  };
}

function shuffled(random: Random, kinds: readonly FaultKind[]): FaultKind[] {
  return kinds.map((kind) => ({ kind, order: random() })).toSorted((left, right) => left.order - right.order).map(({ kind }) => kind);
}

function fault(random: Random, kind: FaultKind): Fault {
  const afterLines = Math.floor(random() * 5);
  const afterMs = 200 + Math.floor(random() * 1_200);
  return { kind, afterLines, afterMs, amount: amountOf(random, kind) };
}

function amountOf(random: Random, kind: FaultKind): number {
  const drawn = random();
  if (kind === 'refused') return 100 + Math.floor(drawn * 500);
  if (kind === 'skewed-date') return Math.floor(drawn * 100) - 50;
  return 1 + Math.floor(drawn * 3);
}
