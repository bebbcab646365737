import type { ObjectKey } from '@sluice/kube';

/** What a replica is told, in environment variables, and what it says on its standard output. */
export interface ReplicaSettings {
  readonly identity: string;
  readonly lease: ObjectKey;
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
  /** Counters that it writes at the same time: ConfigMaps `<counter>-<index>` in the lease's namespace. */
  readonly counter: string;
  readonly writers: number;
  /** Milliseconds between two writes to one counter; 0 writes in a tight loop. */
  readonly pauseMs: number;
  /** `none`: merge patches that nothing but the lease guards. `version`: applies with a fence on the version it has read. */
  readonly precondition: 'none' | 'version';
}

export interface ReplicaEvent {
  readonly event: 'leading' | 'lost' | 'refused' | 'stopped';
}

const VARIABLE = 'KUBE_FAULTS_REPLICA';

export function replicaEnvironment(settings: ReplicaSettings): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(settings) };
}

/** Throws Error when the variable is not set. */
export function replicaSettings(env: Readonly<Record<string, string | undefined>>): ReplicaSettings {
  const text = env[VARIABLE];
  if (text === undefined) throw new Error(`${VARIABLE} is not set; this program is started by the tests of test/kube-faults`);
  return JSON.parse(text) as ReplicaSettings;
}
