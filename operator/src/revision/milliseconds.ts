import { durationMilliseconds } from '@sluice/crds';
import { invalidSpec, shown } from './error.ts';

/** The milliseconds of a duration. Throws RevisionError (InvalidSpec) that names `field`. */
export function milliseconds(field: string, text: string): number {
  try {
    return durationMilliseconds(text);
  } catch (cause) {
    throw invalidSpec(field, `is ${shown(text)}: write a duration, for example "30s" or "5m"`, cause);
  }
}
