import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';

/** By which names an agent that everybody may ask is asked, beside those that no page outside can have for itself. */
export interface AllowedHosts {
  /** Lower-case; `*` alone: any. */
  readonly names: readonly string[];
  /** Whose requests are looked at. */
  readonly of: 'everybody' | 'loopback';
}

const hostName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * SLUICE_ALLOWED_HOSTS, by commas. Without it requests from the machine itself are looked at in a cluster, where a Gateway asks under names that nobody here
 * knows, and all requests elsewhere. Throws ConfigError.
 */
export function readAllowedHosts(environment: Environment): AllowedHosts {
  const names = (environment['SLUICE_ALLOWED_HOSTS'] ?? '').split(',').map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
  if (names.length === 0) return { names, of: environment['KUBERNETES_SERVICE_HOST'] === undefined ? 'everybody' : 'loopback' };
  if (names.length === 1 && names[0] === '*') return { names, of: 'everybody' };
  const problems = names.filter((name) => !hostName.test(name)).map((value) => ({ field: 'SLUICE_ALLOWED_HOSTS', value, problem: 'holds what is no name of a host', fix: 'Write names without a scheme and a port, for example "agent.example.com", by commas, or "*" alone for any' }));
  if (problems.length > 0) throw new ConfigError(problems);
  return { names, of: 'everybody' };
}
