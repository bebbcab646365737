import type { RecentEvidence } from '@sluice/crds';
import { lowerTail, upperTail } from '@sluice/statistics';
import { staleAfterMs } from './evidence-age.ts';
import { badCount } from './wording.ts';

/** What the last half minute says about the model provider. */
export type OutageVerdict = { readonly kind: 'None' } | { readonly kind: 'ProviderOutage'; readonly message: string };

/** Share of requests that a provider may fail on an ordinary day, after the runtime's retries. An outage has ended when no more do. */
export const everydayShare = 0.1;
/** Share from which failures are an outage; the gap to the everyday share keeps the verdict from swinging. */
export const outageShare = 0.25;
/** Fewer failures than these are no outage, whatever their share. */
export const minimumFailures = 5;
/** Largest chance, at one look, of taking a provider that fails on no more than the everyday share of requests for one that is out. */
export const falseOutageRisk = 0.001;
/** How long the stable revision must have been served before an outage is over, milliseconds: twice the time that a circuit stays open, so that each was tried. */
export const servedForMs = 20_000;

type Counts = RecentEvidence['stable'];

/** What tells of a revision whether it reaches its provider. */
export type ProviderCounts = Pick<Counts, 'pods' | 'circuitsOpen' | 'requests' | 'providerFailures'>;

const none: OutageVerdict = { kind: 'None' };

/**
 * Tells an outage of the model provider from a bad revision. Pure. The stable revision is the measure, because it was served by this
 * provider before: it is an outage when the stable revision is cut off and the new one is not plainly better off. What only the new
 * revision suffers is its own doing. An outage that was seen (`previous`) lasts until {@link outageOver}.
 * `now` is milliseconds since the epoch; evidence that is missing or older than 30 s begins no outage and ends none.
 */
export function judgeOutage(recent: RecentEvidence | undefined, now: number, previous?: OutageVerdict): OutageVerdict {
  if (previous?.kind === 'ProviderOutage' && !outageOver(recent, now)) return isFresh(recent, now) ? { kind: 'ProviderOutage', message: lasting(recent) } : previous;
  if (!isFresh(recent, now) || !isCutOff(recent.stable) || isBetterOff(recent)) return none;
  return { kind: 'ProviderOutage', message: `The model provider is not available: ${situation(recent)}` };
}

/**
 * Whether an outage is over: no circuit of the stable revision is open and the provider failed at most the everyday share of its
 * requests for 20 s, in which there may have been none; or the new revision is served although the stable one is not.
 */
export function outageOver(recent: RecentEvidence | undefined, now: number): boolean {
  return isFresh(recent, now) && (isServed(recent) || isBetterOff(recent));
}

function isFresh(recent: RecentEvidence | undefined, now: number): recent is RecentEvidence {
  return recent !== undefined && now - Date.parse(recent.until) <= staleAfterMs;
}

/** Whether the provider serves the revision plainly less than on an ordinary day. */
export function isCutOff(counts: ProviderCounts): boolean {
  return hasOpenCircuits(counts) || failsByProvider(counts);
}

function hasOpenCircuits({ pods, circuitsOpen }: ProviderCounts): boolean {
  return pods > 0 && circuitsOpen * 2 >= pods;
}

function failsByProvider({ requests, providerFailures = 0 }: ProviderCounts): boolean {
  if (providerFailures < minimumFailures || providerFailures < outageShare * requests) return false;
  return upperTail(providerFailures, requests, everydayShare) < falseOutageRisk;
}

function isServed({ since, until, stable }: RecentEvidence): boolean {
  return isServedFor(stable, Date.parse(until) - Date.parse(since));
}

/** Whether counts of so many milliseconds show that the provider serves again. */
export function isServedFor({ pods, circuitsOpen, requests, providerFailures = 0 }: ProviderCounts, countedMs: number): boolean {
  return pods > 0 && circuitsOpen === 0 && countedMs >= servedForMs && providerFailures <= everydayShare * requests;
}

/** The new revision reaches a provider that the stable one does not, as when it moves to another: such a release must go on. */
function isBetterOff({ stable, canary }: RecentEvidence): boolean {
  if (!isCutOff(stable) || canary.circuitsOpen > 0) return false;
  const share = stable.requests === 0 ? outageShare : (stable.providerFailures ?? 0) / stable.requests;
  return lowerTail(canary.providerFailures ?? 0, canary.requests, share / 2) < falseOutageRisk;
}

function lasting(recent: RecentEvidence): string {
  return isCutOff(recent.stable) ? `The model provider is still not available: ${situation(recent)}` : `The model provider may be back; waiting until the stable revision has been served for ${servedForMs / 1000} s: ${situation(recent)}`;
}

function situation({ stable, canary }: RecentEvidence): string {
  return `${facts('the stable revision', stable)}; ${facts('the new revision', canary)}`;
}

function facts(name: string, { pods, circuitsOpen, requests, providerFailures = 0 }: Counts): string {
  if (pods === 0 && requests === 0) return `${name} has no pod that could be asked`;
  const circuits = `${name} has its circuit open in ${circuitsOpen} of ${pods} pods`;
  // Pods that are not ready get none, so that whoever asks meanwhile is answered before them and counted by nobody.
  return requests === 0 ? `${circuits}, which counted no requests` : `${circuits} and ${badCount({ bad: providerFailures, requests })} by the provider's fault`;
}
