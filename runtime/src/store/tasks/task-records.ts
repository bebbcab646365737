import type { Owner } from '../owner.ts';

/** A task as its protocol writes it, for replicas that did not make it. */
export interface TaskRecord {
  readonly id: string;
  readonly owner: Owner;
  /** `running`: as it began; it is taken for lost when its time is over. */
  readonly state: 'running' | 'ended';
  readonly body: string;
  /** Milliseconds. */
  readonly keepMs: number;
}

export interface TaskRecords {
  /** One that has ended stays as it ended. */
  readonly keep: (record: TaskRecord) => Promise<void>;
  /** Undefined for one that is not this owner's, or whose time is over. */
  readonly find: (id: string, owner: Owner) => Promise<string | undefined>;
  /** Removes some whose time is over. The number removed. */
  readonly prune: () => Promise<number>;
}
