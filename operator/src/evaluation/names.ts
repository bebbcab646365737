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
  return named(`${release}-${suite}`, [release, suite, attempt]);
}

/** Name of the run that measures the stable revision, brought by the release `serving`, for an attempt of `release`. */
export function baselineRunName({ serving, suite, release, attempt }: { readonly serving: string; readonly suite: string; readonly release: string; readonly attempt: number }): string {
  return named(`${serving}-${suite}-base`, ['baseline', serving, suite, release, attempt]);
}

function named(title: string, parts: readonly (string | number)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, hashLength);
  return `${title.slice(0, maxNameLength - hashLength - 1).replace(/[-.]+$/, '')}-${hash}`;
}

/** Name of the ConfigMap with the results of a run from the `chunk`th (from 0) on. */
export function resultsName(evalRun: string, chunk: number): string {
  return `${evalRun}-results-${chunk}`;
}
