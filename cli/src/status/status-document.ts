import type { AgentDeploymentStatus, ReleaseStatus } from '@sluice/crds';
import { readLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { revisionLabel } from '@sluice/operator/src/children/labels.ts';
import { isPodReady } from '@sluice/operator/src/children/pod-ready.ts';
import type { AgentView } from '../agent-view.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { operatorGone, operatorUnseen } from '../operator-lease.ts';
import { outcomeOf } from './outcome.ts';

/** The JSON of `status --output json`; the statuses are those of the API. */
export interface StatusDocument {
  readonly namespace: string;
  readonly name: string;
  /** What the exit code says, as a word. */
  readonly outcome: string;
  /** That the operator does not run, in a sentence; not set where it does, or where that cannot be told. */
  readonly operatorGone?: string;
  /** That this could not be seen, in a sentence; not set where it could, and where nothing waits for the operator. */
  readonly operatorUnseen?: string;
  readonly status: AgentDeploymentStatus;
  readonly release?: { readonly name: string; readonly revision: string; readonly stableRevision?: string; readonly status: ReleaseStatus };
  readonly pods: readonly { readonly name: string; readonly revision?: string; readonly phase: string; readonly ready: boolean }[];
}

const words: Readonly<Partial<Record<ExitCode, string>>> = {
  [exitCode.ok]: 'Healthy', [exitCode.bad]: 'Degraded', [exitCode.progressing]: 'Progressing', [exitCode.awaitingApproval]: 'AwaitingApproval', [exitCode.paused]: 'Paused',
};

/** `now`: milliseconds since the epoch. */
export function statusDocument(view: AgentView, now: number): StatusDocument {
  const { agent, namespace, name, children, releases } = view;
  const { latest } = readLedger(releases);
  const gone = operatorGone(view, now);
  const unseen = operatorUnseen(view);
  return {
    namespace,
    name,
    outcome: words[outcomeOf(view).exitCode] ?? 'Progressing',
    ...(gone === undefined ? {} : { operatorGone: gone }),
    ...(unseen === undefined ? {} : { operatorUnseen: unseen }),
    status: agent?.status ?? {},
    ...(latest === undefined ? {} : { release: releaseDocument(latest) }),
    pods: (children?.pods ?? []).map(podDocument),
  };
}

function releaseDocument({ metadata, spec, status = {} }: AgentView['releases'][number]): NonNullable<StatusDocument['release']> {
  return { name: metadata.name, revision: spec.revision, ...(spec.stableRevision === undefined ? {} : { stableRevision: spec.stableRevision }), status };
}

function podDocument({ metadata, status }: NonNullable<AgentView['children']>['pods'][number]): StatusDocument['pods'][number] {
  const revision = metadata.labels?.[revisionLabel];
  return { name: metadata.name, ...(revision === undefined ? {} : { revision }), phase: status?.phase ?? 'Pending', ready: isPodReady({ status }) };
}
