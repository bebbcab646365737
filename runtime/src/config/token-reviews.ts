import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';

/** Whether tokens of ServiceAccounts are shown to the cluster, by SLUICE_TOKEN_REVIEWS. Throws ConfigError. */
export function readTokenReviews(environment: Environment): 'required' | 'none' {
  const text = environment['SLUICE_TOKEN_REVIEWS']?.trim() ?? '';
  if (text === '' || text === 'None') return 'none';
  if (text === 'Required') return 'required';
  throw new ConfigError([{ field: 'SLUICE_TOKEN_REVIEWS', value: text, problem: 'says nothing that is known', fix: 'Write "Required" to have the cluster asked whether a ServiceAccount token is in force still, or "None"' }]);
}
