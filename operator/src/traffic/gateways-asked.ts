import { canonicalJson } from '../revision/index.ts';
import { epochMsOf, isoTime } from '../evidence/clock-time.ts';
import type { HTTPRoute, ParentReference } from './http-routes.ts';

/**
 * Annotation of an HTTPRoute: since when each Gateway that it names has been asked to take it. Written in one request with the Gateways
 * themselves, so that no crash makes one look older than it is.
 */
export const gatewaysAskedAnnotation = 'sluice.dev/gateways-asked';

/** By Gateway, as {@link gatewayKey} names it; epoch milliseconds. */
export type AskedSince = ReadonlyMap<string, number>;

/** Names one Gateway, or one listener of it: "namespace/name" or "namespace/name/listener". `routeNamespace` holds where none is given. */
export function gatewayKey({ namespace, name, sectionName }: Pick<ParentReference, 'namespace' | 'name' | 'sectionName'>, routeNamespace: string): string {
  return [namespace ?? routeNamespace, name, ...(sectionName === undefined ? [] : [sectionName])].join('/');
}

/** Of the Gateways that the route names as it is. One that a hand took away and that is to come back is none of them; of one that is not in the answer nobody knows. */
export function askedSince({ metadata, spec }: HTTPRoute): AskedSince {
  const noted = parseNote(metadata.annotations?.[gatewaysAskedAnnotation]);
  const keys = (spec.parentRefs ?? []).map((parent) => gatewayKey(parent, metadata.namespace ?? ''));
  return new Map(keys.flatMap((key) => {
    const text = noted[key];
    const since = typeof text === 'string' ? epochMsOf(text) : undefined;
    return since === undefined ? [] : [[key, since] as const];
  }));
}

export interface GatewaysToAsk {
  readonly parentRefs: readonly Pick<ParentReference, 'namespace' | 'name' | 'sectionName'>[];
  readonly routeNamespace: string;
  /** What is known of the route as it is. */
  readonly since: AskedSince;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The annotation for a route to these Gateways: one that it does not name yet is asked from now on. */
export function gatewaysAsked({ parentRefs, routeNamespace, since, now }: GatewaysToAsk): string {
  const keys = parentRefs.map((parent) => gatewayKey(parent, routeNamespace));
  return canonicalJson(Object.fromEntries(keys.map((key) => [key, isoTime(since.get(key) ?? now)])));
}

function parseNote(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = text === undefined ? undefined : JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {}; // somebody edited it
  }
}
