import { readFileSync } from 'node:fs';
import { parseCallbackHost, type CallbackHost } from '@sluice/crds';
import { parseStoreLocation, type StoreLocation } from '../store/store-location.ts';
import { leastStoreBytes } from '../store/store-room.ts';
import { ConfigError, shownPath, type ConfigProblem } from './config-error.ts';
import type { Environment } from './environment.ts';

/** Where an agent keeps what it must not forget, and what its replicas share. */
export interface StateSettings {
  readonly store: StoreLocation;
  /** A secret. Not set: replicas share the store alone. */
  readonly redisUrl: string | undefined;
  /** Jobs that this process works on at a time; 0: none. */
  readonly jobConcurrency: number;
  /** Whom jobs may call back. */
  readonly callbackHosts: readonly CallbackHost[];
  /** The newest first; asked for each time, as the file may change. */
  readonly callbackSecrets: () => readonly string[];
  /** What no log line may hold. */
  readonly secrets: () => readonly string[];
}

const defaultJobConcurrency = 4;
const mostJobConcurrency = 1_000;

/** The value of `name`, or of the file that `name`_FILE names. */
function valueOf(environment: Environment, name: string): string | ConfigProblem | undefined {
  const path = environment[`${name}_FILE`]?.trim();
  if (path === undefined || path === '') return environment[name]?.trim() || undefined;
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return { field: `${name}_FILE`, value: shownPath(path), problem: 'names a file that cannot be read', fix: 'Check that the Secret exists, has that key and is mounted there' };
  }
}

function parseRedis(url: string): string | ConfigProblem {
  if (URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol) && new URL(url).hostname !== '') return url;
  return { field: 'SLUICE_REDIS', problem: 'is no URL of a Redis server', fix: 'Write "redis://host:6379" or "rediss://user:password@host:6379"' };
}

function parseConcurrency(text: string | undefined): number | ConfigProblem {
  if (text === undefined || text.trim() === '') return defaultJobConcurrency;
  const count = /^[0-9]{1,4}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (count <= mostJobConcurrency) return count;
  return { field: 'SLUICE_JOB_CONCURRENCY', value: text, problem: 'is no number of jobs', fix: `Set it to a number between 0 and ${mostJobConcurrency}, or remove it for ${defaultJobConcurrency}` };
}

function parseCallbackHosts(text = ''): readonly (CallbackHost | ConfigProblem)[] {
  const entries = text.split(',').map((host) => host.trim().toLowerCase()).filter((host) => host !== '');
  const fix = 'Write a host as "hooks.example.com", "*.example.com" or "hooks.example.com:8443"; without a port it is called at 443 alone';
  return entries.map((value) => parseCallbackHost(value) ?? { field: 'SLUICE_CALLBACK_HOSTS', value, problem: 'holds what is no host', fix });
}

function parseMaximumBytes(text: string | undefined): number | ConfigProblem | undefined {
  const written = text?.trim() ?? '';
  if (written === '') return undefined;
  const bytes = /^[0-9]{1,15}$/.test(written) ? Number(written) : Number.NaN;
  if (bytes >= leastStoreBytes) return bytes;
  return { field: 'SLUICE_STORE_MAX_BYTES', value: written, problem: 'is no number of bytes that an embedded store can do with', fix: `Set it to ${leastStoreBytes} or more, as a whole number, or remove it` };
}

/** A server has its own bound. */
function bounded(store: StoreLocation, maximumBytes: number | undefined): StoreLocation {
  return store.kind === 'sqlite' && maximumBytes !== undefined ? { ...store, maximumBytes } : store;
}

function secretLines(environment: Environment): readonly string[] {
  const found = valueOf(environment, 'SLUICE_CALLBACK_SECRETS');
  return typeof found === 'string' ? found.split(/\s+/).filter((line) => line !== '') : [];
}

function passwordsOf(url: string | undefined): readonly string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return password === '' ? [] : [...new Set([password, decodeURIComponent(password)])];
}

function isProblem(value: unknown): value is ConfigProblem {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

/** Reads SLUICE_STORE, its bound, SLUICE_REDIS and what jobs need. Throws ConfigError; its text never holds a password. */
export function readStateSettings(environment: Environment, agent: { readonly namespace: string; readonly name: string }): StateSettings {
  const [storeText, redisText] = [valueOf(environment, 'SLUICE_STORE'), valueOf(environment, 'SLUICE_REDIS')];
  const store = isProblem(storeText) ? storeText : parseStoreLocation('SLUICE_STORE', storeText ?? 'sqlite::memory:', agent);
  const redisUrl = typeof redisText === 'string' ? parseRedis(redisText) : redisText;
  const jobConcurrency = parseConcurrency(environment['SLUICE_JOB_CONCURRENCY']);
  const maximumBytes = parseMaximumBytes(environment['SLUICE_STORE_MAX_BYTES']);
  const callbackHosts = parseCallbackHosts(environment['SLUICE_CALLBACK_HOSTS']);
  const hostProblems = callbackHosts.filter(isProblem);
  if (isProblem(store) || isProblem(redisUrl) || isProblem(jobConcurrency) || isProblem(maximumBytes) || hostProblems.length > 0) throw new ConfigError([...[store, maximumBytes, redisUrl, jobConcurrency].filter(isProblem), ...hostProblems]);
  const fixed = [...passwordsOf(store.kind === 'postgres' ? store.url : undefined), ...passwordsOf(redisUrl)];
  return {
    store: bounded(store, maximumBytes),
    redisUrl,
    jobConcurrency,
    callbackHosts: callbackHosts.filter((host): host is CallbackHost => !isProblem(host)),
    callbackSecrets: () => secretLines(environment),
    secrets: () => [...fixed, ...secretLines(environment)],
  };
}
