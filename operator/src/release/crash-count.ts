import type { CrashCount, RevisionCrashes } from '@sluice/crds';
import { epochMsOf, isoTime } from '../evidence/clock-time.ts';
import type { ReleaseObservation, RevisionScale, WatchedPod } from './observation.ts';

type KnownPods = RevisionCrashes['pods'];
type Seen = Pick<ReleaseObservation, 'now' | 'release' | 'stable' | 'canary'>;

/** Pods that have a place of their own in the list; the crashes of all others are kept as one sum. */
const maxKnown = 32;
const others = 'others';

/**
 * The count with which a step begins. That of the first step holds from then on what pods have crashed until then; in those after it a pod
 * that came up for the step begins with what it crashed on its way up.
 */
export function countAtStepStart(observation: Seen): CrashCount {
  const { crashes } = observation.release.status ?? {};
  if (crashes === undefined) return beginCount(observation);
  const upTo = epochMsOf(crashes.until) ?? observation.now;
  return advanceCount(crashes, observation, ({ startedAt = Infinity }) => startedAt > upTo);
}

/** The count up to now; undefined before the first step. Pure, and the same look counts nothing twice. */
export function countCrashes(observation: Seen): CrashCount | undefined {
  const { crashes, stepStartedAt } = observation.release.status ?? {};
  if (stepStartedAt === undefined) return undefined;
  return crashes === undefined ? beginCount(observation) : advanceCount(crashes, observation, () => false);
}

function beginCount({ now, stable, canary }: Seen): CrashCount {
  const old = podsOf(stable).filter(({ state, startedAt }) => state !== 'Leaving' && startedAt !== undefined);
  const none = { crashes: 0, ofLeaving: 0, podMilliseconds: 0 };
  return {
    since: isoTime(now),
    until: isoTime(now),
    before: { crashes: sumOf(old), podMilliseconds: old.reduce((sum, { startedAt = now }) => sum + Math.max(0, now - startedAt), 0) },
    expected: 0,
    alone: 0,
    stable: { ...none, pods: remember([], podsOf(stable)) },
    canary: { ...none, pods: remember([], podsOf(canary)) },
  };
}

function advanceCount(count: CrashCount, { now, stable, canary }: Seen, isForgiven: (pod: WatchedPod) => boolean): CrashCount {
  const elapsed = Math.max(0, now - (epochMsOf(count.until) ?? now));
  // Whoever is in doubt counts for the new revision and not for the stable one: that only ever makes its crashes less surprising.
  const [ofCanary, ofStable] = [podsOf(canary), podsOf(stable).filter(({ state }) => state === 'Up')];
  const next = {
    stable: advanceRevision(count.stable, podsOf(stable), { podMilliseconds: ofStable.length * elapsed, isForgiven }),
    canary: advanceRevision(count.canary, ofCanary, { podMilliseconds: ofCanary.length * elapsed, isForgiven }),
  };
  const crashed = { stable: next.stable.crashes - count.stable.crashes, canary: next.canary.crashes - count.canary.crashes };
  const comparable = ofStable.length > 0 || crashed.stable > 0 || podsOf(stable).some(({ state }) => state === 'CrashLoop');
  const share = ofStable.length === 0 ? 1 : ofCanary.length / (ofCanary.length + ofStable.length);
  return {
    ...count,
    ...next,
    until: isoTime(now),
    expected: count.expected + (comparable ? share * (crashed.stable + crashed.canary) : 0),
    alone: count.alone + (comparable ? 0 : crashed.canary),
  };
}

interface Since {
  readonly podMilliseconds: number;
  /** Whether what a pod that was not known has crashed until now is left out. */
  readonly isForgiven: (pod: WatchedPod) => boolean;
}

function advanceRevision(before: RevisionCrashes, pods: readonly WatchedPod[], { podMilliseconds, isForgiven }: Since): RevisionCrashes {
  const counted = new Map(before.pods.map(({ uid, crashes }) => [uid, crashes]));
  const known = remember(before.pods, pods);
  const places = new Set(known.map(({ uid }) => uid));
  const own = pods.filter(({ uid }) => places.has(uid));
  const newCrashes = (pod: WatchedPod): number => Math.max(0, pod.crashes - (counted.get(pod.uid) ?? (isForgiven(pod) ? pod.crashes : 0)));
  const shared = Math.max(0, (known.find(({ uid }) => uid === others)?.crashes ?? 0) - (counted.get(others) ?? 0));
  const sum = (of: readonly WatchedPod[]): number => of.reduce((total, pod) => total + newCrashes(pod), 0);
  return {
    crashes: before.crashes + sum(own) + shared,
    ofLeaving: before.ofLeaving + sum(own.filter(({ state }) => state === 'Leaving')),
    podMilliseconds: before.podMilliseconds + podMilliseconds,
    pods: known,
  };
}

/** Who has a place keeps it, pods that are gone as long as there is room: one that is only out of sight for a moment is not counted again. */
function remember(known: KnownPods, pods: readonly WatchedPod[]): KnownPods {
  const counted = new Map(known.map(({ uid, crashes }) => [uid, crashes]));
  const crashed = pods.filter(({ crashes }) => crashes > 0);
  const [old, fresh] = [crashed.filter(({ uid }) => counted.has(uid)), crashed.filter(({ uid }) => !counted.has(uid))];
  // Where some share a sum already, a newcomer may be one of them.
  const room = counted.has(others) ? 0 : Math.max(0, maxKnown - old.length);
  const own = [...old, ...fresh.slice(0, room)].map(({ uid, crashes }) => ({ uid, crashes: Math.max(crashes, counted.get(uid) ?? 0) }));
  const rest = fresh.slice(room);
  const present = new Set([others, ...own.map(({ uid }) => uid)]);
  const gone = known.filter(({ uid }) => !present.has(uid));
  const shared = rest.length > 0 || counted.has(others) ? [{ uid: others, crashes: sumOf(rest) }] : [];
  return [...gone.slice(Math.max(0, gone.length + own.length - maxKnown)), ...own, ...shared];
}

function podsOf(scale: RevisionScale | undefined): readonly WatchedPod[] {
  return scale?.watched ?? [];
}

function sumOf(pods: readonly WatchedPod[]): number {
  return pods.reduce((sum, { crashes }) => sum + crashes, 0);
}
