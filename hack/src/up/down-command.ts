import { join } from 'node:path';
import { DEFAULT_NAME, type UpOptions } from './options.ts';

/** The command line that removes what a run with these options made. */
export function downCommand({ name, stateRoot }: Pick<UpOptions, 'name' | 'stateRoot'>, clone: string): string {
  const named = name === DEFAULT_NAME ? '' : ` --name ${name}`;
  const placed = stateRoot === join(clone, '.cluster') ? '' : ` --state ${stateRoot}`;
  return `./hack/down${named}${placed}`;
}
