import type { Release } from '@sluice/crds';
import type { Hindrance } from '../observation.ts';

/** What the spec comes to, or why that cannot be told. */
export type Wanted = { readonly kind: 'Rendered' } | { readonly kind: 'Unresolved'; readonly problem: { readonly reason: string; readonly message: string } };

/** Why nobody knows which revision is asked for. What else is wrong, such as a name that is taken, says nothing about that. */
const unknown: ReadonlySet<string> = new Set(['ProviderNotFound', 'PromptNotFound', 'ReferenceNotFound', 'InvalidBundle']);

/** By the reason for which the inputs of a spec cannot be used. */
export function isUnreadable(reason: string): boolean {
  return unknown.has(reason);
}

/**
 * As long as nobody can tell what the spec asks for, it may be another revision than the one on its way: somebody has turned away from it, and
 * what he names instead is not there yet. A revision that is asked for no more is not promoted, so it stands until the spec can be read.
 */
export function specUnreadable(wanted: Wanted, { spec: { revision } }: Pick<Release, 'spec'>): Hindrance | undefined {
  if (wanted.kind === 'Rendered' || !isUnreadable(wanted.problem.reason)) return undefined;
  return { reason: 'SpecUnreadable', message: `Nobody can tell whether the spec still asks for revision ${revision}, so it gets no more traffic and is not promoted: ${wanted.problem.message}` };
}
