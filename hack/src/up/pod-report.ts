/** What the report reads of a pod. */
export interface ReportedPod {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ReportedContainer[];
  };
}

interface ReportedContainer {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string; readonly exitCode: number };
}

/** What the report reads of an event. */
export interface ReportedEvent {
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
}

const EVENTS_SHOWN = 3;

/** The newest warnings, one of each reason. */
export function describeWarnings(events: readonly ReportedEvent[]): readonly string[] {
  const newest = events.toSorted((left, right) => (right.lastTimestamp ?? '').localeCompare(left.lastTimestamp ?? ''));
  const byReason = new Map<string, string>();
  for (const { reason = 'Warning', message = '' } of newest) if (!byReason.has(reason)) byReason.set(reason, message);
  return [...byReason].slice(0, EVENTS_SHOWN).map(([reason, message]) => `${reason}: ${message}`);
}

/** Why pods are not ready, a sentence each. */
export function describePods(pods: readonly ReportedPod[]): readonly string[] {
  if (pods.length === 0) return ['there is no pod: the Deployment could not make one (kubectl describe replicaset says why)'];
  return pods.flatMap((pod) => describePod(pod));
}

function describePod({ metadata, status }: ReportedPod): readonly string[] {
  const containers = status?.containerStatuses ?? [];
  if (containers.length > 0) return containers.map((container) => `pod ${metadata.name}, container ${container.name}: ${describeContainer(container)}`);
  const unscheduled = status?.conditions?.find((condition) => condition.type === 'PodScheduled' && condition.status === 'False');
  return [`pod ${metadata.name}: ${unscheduled === undefined ? (status?.phase ?? 'Pending') : `not scheduled: ${unscheduled.message ?? 'no reason given'}`}`];
}

function describeContainer({ ready, restartCount, state, lastState }: ReportedContainer): string {
  const restarts = restartCount === 0 ? '' : `, restarted ${restartCount} times${describeEnd(lastState)}`;
  if (state?.waiting !== undefined) return `waiting, ${state.waiting.reason ?? 'no reason given'}${suffix(state.waiting.message)}${restarts}`;
  if (state?.terminated !== undefined) return `ended with code ${state.terminated.exitCode}${suffix(state.terminated.reason)}${restarts}`;
  return ready ? `ready${restarts}` : `runs and is not ready${restarts}`;
}

function describeEnd(state: ContainerState | undefined): string {
  if (state?.terminated === undefined) return '';
  return `, the last time with exit code ${state.terminated.exitCode}${suffix(state.terminated.reason)}`;
}

function suffix(text: string | undefined): string {
  return text === undefined || text === '' ? '' : `: ${text}`;
}
