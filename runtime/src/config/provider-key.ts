import { existsSync, readFileSync } from 'node:fs';
import type { AgentBundle } from '@sluice/crds';
import { ConfigError, shownPath, type ConfigProblem } from './config-error.ts';
import type { Environment } from './environment.ts';
import { openRotatedSecret } from './rotated-secret.ts';

/** The key of the model provider. */
export interface ProviderKey {
  readonly current: () => string;
  /** Reads the source again, so that a rotated Secret is taken up without a restart. `unusable`: the key before stays in force. */
  readonly reload: () => 'changed' | 'same' | 'unusable';
  /** Every key seen so far: what no log line may hold. */
  readonly secrets: () => readonly string[];
}

/** Sent to endpoints that want no key: the SDKs insist on one. */
const keyOfOpenEndpoint = 'none';

function missing(): ConfigProblem {
  return {
    field: 'SLUICE_PROVIDER_API_KEY_FILE',
    problem: 'and SLUICE_PROVIDER_API_KEY are both not set',
    fix: 'Mount the Secret with the key of the model provider and set SLUICE_PROVIDER_API_KEY_FILE to its path; only a provider with an endpoint of its own may go without',
  };
}

function readKeyFile(path: string): string {
  const field = 'SLUICE_PROVIDER_API_KEY_FILE';
  let key: string;
  try {
    key = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError([{ field, value: shownPath(path), problem: 'names a file that cannot be read', fix: 'Check that the Secret exists, has that key and is mounted there' }], { cause });
  }
  if (key === '') throw new ConfigError([{ field, value: shownPath(path), problem: 'names an empty file', fix: 'Put the key of the model provider into the Secret' }]);
  return checkedKey(key, field);
}

/** A key goes into an HTTP header, so it is one line of printable ASCII. */
function checkedKey(key: string, field: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new ConfigError([{ field, problem: 'holds white space or characters that no key has', fix: 'Store the key alone, without quotes, line breaks or a name before it' }]);
}

function fixedKey(key: string): ProviderKey {
  return { current: () => key, reload: () => 'same', secrets: () => (key === keyOfOpenEndpoint ? [] : [key]) };
}

function fileKey(path: string): ProviderKey {
  const { current, reload, seen } = openRotatedSecret(() => readKeyFile(path));
  return { current, reload, secrets: seen };
}

/** Ollama listens without one, and so does many a server of one's own. */
function mayGoWithout({ kind, endpoint }: AgentBundle['model']['provider']): boolean {
  return endpoint !== undefined || kind === 'Ollama';
}

/**
 * Finds the key in a file or the environment. `another`: of a provider beside the agent's, whose file is where it would be if it has a key.
 * Throws ConfigError; its text never holds the key.
 */
export function openProviderKey(environment: Environment, provider: AgentBundle['model']['provider'], which: "the agent's" | 'another' = "the agent's"): ProviderKey {
  const path = environment['SLUICE_PROVIDER_API_KEY_FILE']?.trim();
  if (path && which === 'another' && mayGoWithout(provider) && !existsSync(path)) return fixedKey(keyOfOpenEndpoint);
  if (path) return fileKey(path);
  const key = environment['SLUICE_PROVIDER_API_KEY']?.trim();
  if (key) return fixedKey(checkedKey(key, 'SLUICE_PROVIDER_API_KEY'));
  if (mayGoWithout(provider)) return fixedKey(keyOfOpenEndpoint);
  throw new ConfigError([missing()]);
}
