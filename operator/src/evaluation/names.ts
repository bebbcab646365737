import { createHash } from 'node:crypto';

/** Names become label values and names of Jobs and pods: 63 characters at most. */
export const maxNameLength = 63;
const hashLength = 8;

/** On everything made for an EvalRun, its pods included: the run's name. */
export const evalRunLabel = 'sluice.dev/eval-run';

/**
 * Name of an attempt to run `suite` for `release`: `<release>-<suite>-<hash>`, 63 characters at most. The hash is over the three parts
 * apart, because "a-1" + "golden-2" and attempt 2 of "a-1" + "golden" are different runs.
 */
export function evalRunName({ release, suite, attempt = 1 }: { readonly release: string; readonly suite: string; readonly attempt?: number }): string {
  const hash = createHash('sha256').update(JSON.stringify([release, suite, attempt])).digest('hex').slice(0, hashLength);
  const room = maxNameLength - hashLength - 1;
  return `${`${release}-${suite}`.slice(0, room).replace(/[-.]+$/, '')}-${hash}`;
}
