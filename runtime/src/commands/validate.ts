import type { Command } from './command.ts';
import { readConfig } from './read-config.ts';

/** Checks the settings, the files that they name and the bundle, and says all that is wrong. Needs no key and connects to nothing. */
export const validate: Command = async ({ environment, print }) => {
  const { bundle } = readConfig(environment);
  print(`The bundle of ${bundle.agent.namespace}/${bundle.agent.name} is valid: model ${bundle.model.name}, ${bundle.tools.length} tools.`);
  return 0;
};
