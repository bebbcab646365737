import { createHash } from 'node:crypto';

/** Names become label values and names of Jobs and pods: 63 characters at most. */
export const maxNameLength = 63;
const hashLength = 8;

/** On everything made for an EvalRun, its pods included: the run's name. */
export const evalRunLabel = 'sluice.dev/eval-run';

/**
 * Name of the run of `suite` for `release`: `<release>-<suite>`, from the second attempt on `<release>-<suite>-<attempt>`. Where that is
 * longer than 63 characters it is cut and ends in a hash of the whole, so that two long names stay apart.
 */
export function evalRunName({ release, suite, attempt = 1 }: { readonly release: string; readonly suite: string; readonly attempt?: number }): string {
  const ending = attempt === 1 ? '' : `-${attempt}`;
  const name = `${release}-${suite}${ending}`;
  if (name.length <= maxNameLength) return name;
  // The parts are hashed apart: "a-b" + "c" and "a" + "b-c" are different runs.
  const hash = createHash('sha256').update(JSON.stringify([release, suite])).digest('hex').slice(0, hashLength);
  const room = maxNameLength - hashLength - ending.length - 1;
  return `${name.slice(0, room).replace(/[-.]+$/, '')}-${hash}${ending}`;
}
