import { misspeltVariables } from '../config/misspelt-variables.ts';
import { namedBy, readAnonymousAccess } from '../config/anonymous-access.ts';
import type { Command } from './command.ts';
import { readConfig } from './read-config.ts';

/** Checks the settings, the files that they name and the bundle, and says all that is wrong. Needs no key and connects to nothing. */
export const validate: Command = async ({ environment, print }) => {
  const { bundle, access } = readConfig(environment);
  print(`The bundle of ${bundle.agent.namespace}/${bundle.agent.name} is valid: model ${bundle.model.name}, ${bundle.tools.length} ${bundle.tools.length === 1 ? 'tool' : 'tools'}.`);
  const named = namedBy({ file: access, access: bundle.access });
  if (named.length === 0 && readAnonymousAccess(environment, named) === 'Denied') print('Nobody may ask it: set spec.access, or by hand SLUICE_ACCESS_FILE, to say who may; SLUICE_ANONYMOUS_ACCESS set to Allowed lets in whoever reaches it.');
  for (const { name, meant } of misspeltVariables(environment)) print(`${name} is no variable of the runtime and changes nothing: is ${meant} meant?`);
  return 0;
};
