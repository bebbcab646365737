import { canonicalJson } from '../revision/index.ts';
import type { Weights } from './weights.ts';

/** How an HTTPRoute divides the requests between revisions. */
export interface RoutePlan {
  readonly weights: Weights;
  /** A revision without weight that requests reach by asking for it. */
  readonly dark?: string;
  readonly mirror?: Mirror;
  /** Set in place of `mirror` where a Gateway has refused the route because of it. */
  readonly refusedCopies?: RefusedCopies;
}

export interface RefusedCopies {
  readonly revision: string;
  /** What the Gateway said, in one sentence. */
  readonly message: string;
}

/** Copies of requests. */
export interface Mirror {
  readonly revision: string;
  /** Percent of the requests, 1 to 100. */
  readonly percent: number;
}

/** Revisions that a request may be sent to; copies are not sent by anybody. */
export function reachable({ weights, dark }: RoutePlan): readonly string[] {
  return [...weights.keys(), ...(dark === undefined ? [] : [dark])];
}

/** All revisions that a route by this plan names: each needs its Service and its pods. */
export function named(plan: RoutePlan): readonly string[] {
  const { mirror } = plan;
  return [...new Set([...reachable(plan), ...(mirror === undefined ? [] : [mirror.revision])])];
}

/** Annotation of an HTTPRoute: the plan that the operator wrote, apart from what a hand may have made of the spec. */
export const planAnnotation = 'sluice.dev/traffic';

export function encodePlan({ weights, ...more }: RoutePlan): string {
  return canonicalJson({ weights: Object.fromEntries(weights), ...more });
}

/** The plan of {@link encodePlan}; undefined when the text is none. */
export function decodePlan(text: string | undefined): RoutePlan | undefined {
  const parsed = text === undefined ? undefined : parseJson(text);
  if (!isRecord(parsed) || !isRecord(parsed['weights'])) return undefined;
  const { dark, mirror, refusedCopies } = parsed;
  const weights = new Map(Object.entries(parsed['weights']).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
  return { weights, ...(typeof dark === 'string' ? { dark } : {}), ...(isMirror(mirror) ? { mirror } : {}), ...(isRefusal(refusedCopies) ? { refusedCopies } : {}) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // somebody edited it
  }
}

function isMirror(value: unknown): value is Mirror {
  return isRecord(value) && typeof value['revision'] === 'string' && typeof value['percent'] === 'number';
}

function isRefusal(value: unknown): value is RefusedCopies {
  return isRecord(value) && typeof value['revision'] === 'string' && typeof value['message'] === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
