import { effectiveConfig } from '../config/effective-config.ts';
import type { Command } from './command.ts';
import { readConfig } from './read-config.ts';

/** Prints every value in force, one JSON object to a line, with the layer that it is of. Secrets are not among them. */
export const printConfig: Command = async (context) => {
  const { bundle, access, flags } = readConfig(context.environment);
  for (const entry of effectiveConfig({ environment: context.environment, bundle, access, flags })) context.print(JSON.stringify(entry));
  return 0;
};
