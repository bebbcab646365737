import { microTime } from '../clock-system.ts';
import type { ObjectKey } from '../object.ts';
import type { Lease } from '../resources/cluster.ts';

export interface HoldLease {
  readonly key: ObjectKey;
  readonly identity: string;
  readonly leaseDurationMs: number;
  /** Wall clock, milliseconds: for readers; no decision rests on it. */
  readonly nowMs: number;
  /** 'same': renews; 'new': takes. */
  readonly term: 'same' | 'new';
  /** The lease as read; undefined when there is none. */
  readonly current: Lease | undefined;
  readonly marks?: LeaseMarks | undefined;
}

/** By which others find the lease, and know whose it is. */
export interface LeaseMarks {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The lease as this process writes it to take or keep it. */
export function heldLease({ key, identity, leaseDurationMs, nowMs, term, current, marks }: HoldLease): Lease {
  const now = microTime(nowMs);
  const kept = term === 'same';
  const transitions = current?.spec?.leaseTransitions ?? 0;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: marked(current?.metadata ?? { name: key.name, namespace: key.namespace }, marks),
    spec: {
      ...current?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.ceil(leaseDurationMs / 1000)),
      acquireTime: kept ? (current?.spec?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: kept || current === undefined ? transitions : transitions + 1,
    },
  };
}

function marked(metadata: Lease['metadata'], { labels, annotations }: LeaseMarks = {}): Lease['metadata'] {
  return {
    ...metadata,
    ...(labels === undefined ? {} : { labels: { ...metadata.labels, ...labels } }),
    ...(annotations === undefined ? {} : { annotations: { ...metadata.annotations, ...annotations } }),
  };
}

/** The lease as its holder leaves it behind: free, so that the next one need not wait it out. */
export function releasedLease(current: Lease, nowMs: number): Lease {
  return {
    ...current,
    spec: { leaseDurationSeconds: 1, renewTime: microTime(nowMs), leaseTransitions: current.spec?.leaseTransitions ?? 0 },
  };
}
