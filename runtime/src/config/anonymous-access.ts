import type { AgentBundle } from '@sluice/crds';
import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';

const field = 'SLUICE_ANONYMOUS_ACCESS';

/** What says who may ask, as a person would find it. `file`: a reader, or the content, of the access file. */
export function namedBy({ file, access }: { readonly file: unknown; readonly access: AgentBundle['access'] }): readonly string[] {
  return [...(file === undefined ? [] : ['SLUICE_ACCESS_FILE']), ...(access === undefined ? [] : ['access of the bundle'])];
}

/**
 * Whether whoever reaches the agent may ask it; that has to be said. `named`: what else says who may ask. Throws ConfigError for a value
 * that is none, and where both are said.
 */
export function readAnonymousAccess(environment: Environment, named: readonly string[]): 'Allowed' | 'Denied' {
  const value = environment[field]?.trim() || 'Denied';
  if (value !== 'Allowed' && value !== 'Denied') throw new ConfigError([{ field, value, problem: 'must be Allowed or Denied', fix: 'Set it to Allowed where a gateway or a network policy guards the agent, or remove it' }]);
  const [other] = named;
  if (value === 'Allowed' && other !== undefined) throw new ConfigError([{ field, value, problem: `lets everybody in, and ${other} says who may ask`, fix: 'Remove the one that is not meant' }]);
  return value;
}
