import type { Owner } from '../owner.ts';

/** A task as its protocol writes it, for replicas that did not make it. */
export interface TaskRecord {
  readonly id: string;
  readonly owner: Owner;
  /** `running`: it is taken for lost when its time is over. */
  readonly state: 'running' | 'ended';
  readonly contextId: string;
  /** The protocol's name of its state. */
  readonly status: string;
  /** Since when, in milliseconds since 1970. */
  readonly statusAt: number;
  readonly body: string;
  /** Milliseconds. */
  readonly keepMs: number;
}

/** A task as it was last kept. */
export interface KeptTask {
  readonly state: TaskRecord['state'];
  readonly body: string;
  /** Grows with each change of it. */
  readonly changes: number;
}

/** Where a page of a list ended: below the last task of it. */
export interface TaskPlace {
  readonly statusAt: number;
  readonly id: string;
}

/** What is not set leaves nothing out. */
export interface TaskQuery {
  readonly contextId?: string | undefined;
  readonly status?: string | undefined;
  /** Whose state is of later than this, in milliseconds since 1970. */
  readonly after?: number | undefined;
  readonly below?: TaskPlace | undefined;
  readonly limit: number;
}

export interface TaskPage {
  /** Those whose state changed last come first. Fewer than asked for where they are large. */
  readonly bodies: readonly string[];
  /** Of all pages. */
  readonly total: number;
  /** Not set: nothing follows. */
  readonly next?: TaskPlace | undefined;
}

export interface TaskRecords {
  /** One that has ended stays as it ended. */
  readonly keep: (record: TaskRecord) => Promise<void>;
  /** Undefined for one that is not this owner's, or whose time is over. */
  readonly find: (id: string, owner: Owner) => Promise<KeptTask | undefined>;
  readonly list: (owner: Owner, query: TaskQuery) => Promise<TaskPage>;
  /** Asks the replica that works on it to stop. As `find`. */
  readonly requestCancel: (id: string, owner: Owner) => Promise<KeptTask | undefined>;
  /** Those that run and are to be stopped, whoever they are of. */
  readonly cancelRequested: (ids: readonly string[]) => Promise<readonly string[]>;
  /** `changes` of each, whoever they are of; those that are not there any more are left out. */
  readonly changes: (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** Removes some whose time is over. The number removed. */
  readonly prune: () => Promise<number>;
}
