import { openAccessFile } from '../config/access-settings.ts';
import { loadBundle } from '../config/bundle.ts';
import { readCorsOrigins } from '../config/cors-origins.ts';
import { readSettings } from '../config/environment.ts';
import { readStateSettings } from '../config/state-settings.ts';
import type { Command } from './command.ts';

/** Checks the settings and the bundle and says what is wrong. Needs no key and connects to nothing. */
export const validate: Command = async ({ environment, print }) => {
  const bundle = loadBundle(readSettings(environment).bundleFile);
  readStateSettings(environment, bundle.agent);
  readCorsOrigins(environment);
  openAccessFile(environment)?.();
  print(`The bundle of ${bundle.agent.namespace}/${bundle.agent.name} is valid: model ${bundle.model.name}, ${bundle.tools.length} tools.`);
  return 0;
};
