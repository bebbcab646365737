import { loadBundle } from '../config/bundle.ts';
import { readSettings } from '../config/environment.ts';
import type { Command } from './command.ts';

/** Checks the settings and the bundle and says what is wrong. Needs no key and connects to nothing. */
export const validate: Command = async ({ environment, print }) => {
  const bundle = loadBundle(readSettings(environment).bundleFile);
  print(`The bundle of ${bundle.agent.namespace}/${bundle.agent.name} is valid: model ${bundle.model.name}, ${bundle.tools.length} tools.`);
  return 0;
};
