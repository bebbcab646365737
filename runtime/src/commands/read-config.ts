import type { AgentBundle } from '@sluice/crds';
import { openAccessFile } from '../config/access-settings.ts';
import { namedBy, readAnonymousAccess } from '../config/anonymous-access.ts';
import { readBatchSettings } from '../config/batch-settings.ts';
import { loadBundle } from '../config/bundle.ts';
import { ConfigError, type ConfigProblem } from '../config/config-error.ts';
import { readAllowedHosts } from '../config/allowed-hosts.ts';
import { readCorsOrigins } from '../config/cors-origins.ts';
import { readSettings, type Environment } from '../config/environment.ts';
import { noFlags, openFlagsFile, type FlagsFile } from '../config/live/flags-file.ts';
import { readOtelSettings } from '../config/otel-settings.ts';
import { readStateSettings } from '../config/state-settings.ts';
import type { AccessFile } from '../server/access/access-file.ts';

export interface ReadConfig {
  readonly bundle: AgentBundle;
  /** Undefined: there is no access file. */
  readonly access: AccessFile | undefined;
  readonly flags: FlagsFile;
}

/** What a file holds at its first look. */
function first<T extends object>(read: (() => T | 'same') | undefined): T | undefined {
  const found = read?.();
  return found === 'same' ? undefined : found;
}

/** Reads all of the configuration without connecting to anything. Needs no key. Throws ConfigError with every problem of every part. */
export function readConfig(environment: Environment): ReadConfig {
  const problems: ConfigProblem[] = [];
  const part = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const settings = part(() => readSettings(environment));
  const bundle = settings === undefined ? undefined : part(() => loadBundle(settings.bundleFile));
  // Problems of the store are those of its URL, whoever's it is.
  part(() => readStateSettings(environment, bundle?.agent ?? { namespace: 'unknown', name: 'unknown' }));
  part(() => readBatchSettings(environment, bundle?.model.provider.kind));
  part(() => readCorsOrigins(environment));
  part(() => readAllowedHosts(environment));
  part(() => readOtelSettings(environment));
  const access = part(() => first(openAccessFile(environment)));
  part(() => readAnonymousAccess(environment, namedBy({ file: access, access: bundle?.access })));
  const flags = part(() => first(openFlagsFile(environment))) ?? noFlags;
  if (problems.length > 0 || bundle === undefined) throw new ConfigError(problems);
  return { bundle, access, flags };
}
