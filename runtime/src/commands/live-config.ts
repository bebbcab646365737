import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Environment, LogLevel } from '../config/environment.ts';
import { noFlags, openFlagsFile, type FlagsFile } from '../config/live/flags-file.ts';
import { createLiveFile, type Reloaded } from '../config/live/live-file.ts';
import { watchFiles, type LiveFileName, type WatchedFile } from '../config/live/watch-files.ts';
import type { ProviderKey } from '../config/provider-key.ts';
import type { Clock } from '../platform/clock.ts';
import type { Access } from '../server/access/access.ts';
import { withFlags } from '../server/access/with-flags.ts';
import { createReloadMetrics } from '../telemetry/reload-metrics.ts';

export interface LiveConfigOptions {
  readonly environment: Environment;
  readonly access: Access;
  readonly keys: readonly ProviderKey[];
  readonly logger: Logger;
  readonly logLevel: LogLevel;
  readonly registry: Registry;
  readonly clock: Clock;
}

/** What may change while the process runs. */
export interface LiveConfig {
  /** With the flags as the last layer. */
  readonly access: Access;
  readonly close: () => Promise<void>;
}

/** A change is in force after this time at most, and the time that Kubernetes takes to bring it. */
const everyMilliseconds = 5_000;

function openFlags(environment: Environment): { readonly current: () => FlagsFile; readonly files: readonly WatchedFile[] } {
  const read = openFlagsFile(environment);
  if (read === undefined) return { current: () => noFlags, files: [] };
  const { current, check } = createLiveFile(read);
  return { current, files: [{ name: 'flags', check }] };
}

/** One look at all keys; the worst of what was found. */
function checkKeys(keys: readonly ProviderKey[]): Reloaded {
  const found = keys.map((key) => key.reload());
  if (found.includes('unusable')) return { outcome: 'invalid', error: new Error('a file with the key of a provider cannot be used') };
  return { outcome: found.includes('changed') ? 'changed' : 'same' };
}

function watchedFiles({ access, keys }: LiveConfigOptions, flags: readonly WatchedFile[]): readonly WatchedFile[] {
  const { refresh } = access;
  return [...flags, ...(refresh === undefined ? [] : [{ name: 'access' as const, check: refresh }]), { name: 'provider_key', check: () => checkKeys(keys) }];
}

/** Says what was found, once for each change of it. */
function createObserver({ logger, registry }: LiveConfigOptions, files: readonly WatchedFile[]): (name: LiveFileName, reloaded: Reloaded) => void {
  const metrics = createReloadMetrics(registry, files.map(({ name }) => name));
  const said = new Map<LiveFileName, string>();
  return (name, reloaded) => {
    metrics.looked(name, reloaded.outcome);
    const words = reloaded.outcome === 'invalid' ? (reloaded.error instanceof Error ? reloaded.error.message : 'unknown') : undefined;
    if (words !== undefined && said.get(name) !== words) logger.error({ file: name, problem: words }, 'a file of the configuration cannot be used; what it held before stays in force');
    if (reloaded.outcome === 'changed') logger.info({ file: name }, 'a changed file of the configuration is in force');
    else if (words === undefined && said.has(name)) logger.info({ file: name }, 'the file of the configuration can be used again');
    if (words === undefined) said.delete(name);
    else said.set(name, words);
  };
}

/** Opens what may change, and looks at it again until it is closed. Throws ConfigError for flags that cannot be used at the start. */
export function openLiveConfig(options: LiveConfigOptions): LiveConfig {
  const { environment, access, logger, logLevel, clock } = options;
  const flags = openFlags(environment);
  const files = watchedFiles(options, flags.files);
  const observe = createObserver(options, files);
  const applyLevel = (): void => {
    logger.level = flags.current().logLevel ?? logLevel;
  };
  applyLevel();
  const stop = new AbortController();
  const watching = watchFiles({
    files,
    clock,
    everyMs: everyMilliseconds,
    observe: (name, reloaded) => {
      if (reloaded.outcome === 'changed') applyLevel();
      observe(name, reloaded);
    },
  }, stop.signal);
  return {
    access: withFlags(access, flags.current),
    close: async () => {
      stop.abort();
      await watching;
    },
  };
}
