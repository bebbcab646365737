import type { AgentBundle, EvalSuiteSpec } from '@sluice/crds';

/** Where the model of a revision answers, and with it the judge of a run of that revision: the name of a judging model says nothing without it. */
export type JudgeProvider = AgentBundle['model']['provider'];

export function isSameProvider(one: JudgeProvider, other: JudgeProvider): boolean {
  return one.kind === other.kind && one.endpoint === other.endpoint;
}

interface Judged {
  readonly suite: Pick<EvalSuiteSpec, 'judge'>;
  /** Undefined: not known. */
  readonly stable: JudgeProvider | undefined;
  readonly canary: JudgeProvider | undefined;
}

/** What to think of a comparison for which two judges judged; undefined where one did, or none. */
export function twoJudges({ suite: { judge }, stable, canary }: Judged): string | undefined {
  if (judge === undefined || stable === undefined || canary === undefined || isSameProvider(stable, canary)) return undefined;
  return `the judge "${judge.model}" of the stable revision is at ${placeOf(stable)} and that of the new one at ${placeOf(canary)}: a part of the difference may be between the two judges, each of which was held against the examples`;
}

/** Without what an address may hold beside its host. */
function placeOf({ kind, endpoint }: JudgeProvider): string {
  return endpoint === undefined ? `the endpoint of ${kind}` : `${kind} on ${new URL(endpoint).host}`;
}
