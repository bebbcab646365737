import type { Owner } from '../store/owner.ts';
import type { Page, PageRequest } from '../store/page.ts';

export interface Session {
  readonly id: string;
  readonly owner: Owner;
  /** Counts the writes: what `append` may ask for, so that two questions at a time do not mix. */
  readonly version: number;
  /** How many messages it has, those included that were dropped for room. */
  readonly messages: number;
  /** Times in milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
}

export interface NewSessionMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface SessionMessage extends NewSessionMessage {
  /** Counts up by one within a session, from 1. */
  readonly seq: number;
  readonly at: number;
}

/** `conflict`: somebody else wrote since `expectedVersion`. `unknown`: no such session of this owner. */
export type Appended = { readonly outcome: 'appended'; readonly session: Session } | { readonly outcome: 'conflict' | 'unknown' };

export interface SessionLimits {
  /** Milliseconds after the last write. */
  readonly idleMs: number;
  /** Kept of one session; the oldest go first. */
  readonly maxMessages: number;
  /** UTF-16 units of one message. */
  readonly maxMessageLength: number;
  readonly maxSessionsPerOwner: number;
}

export const defaultSessionLimits: SessionLimits = { idleMs: 7 * 86_400_000, maxMessages: 200, maxMessageLength: 262_144, maxSessionsPerOwner: 1_000 };

/** Conversations. A session is its owner's: to anybody else it does not exist, and its id is nobody's secret. */
export interface SessionStore {
  /** `taken`: the id is in use, by whomever. `quota`: this owner has as many as one may. */
  readonly create: (session: { readonly id: string; readonly owner: Owner }) => Promise<{ readonly outcome: 'created'; readonly session: Session } | { readonly outcome: 'taken' | 'quota' }>;
  readonly get: (id: string, owner: Owner) => Promise<Session | undefined>;
  readonly list: (owner: Owner, page: PageRequest) => Promise<Page<Session>>;
  /** The last `limit` messages, the oldest of them first. */
  readonly messages: (id: string, owner: Owner, limit: number) => Promise<readonly SessionMessage[] | undefined>;
  readonly append: (id: string, owner: Owner, write: { readonly messages: readonly NewSessionMessage[]; readonly expectedVersion?: number | undefined }) => Promise<Appended>;
  readonly remove: (id: string, owner: Owner) => Promise<'removed' | 'unknown'>;
  /** Removes what has expired. The number removed. */
  readonly prune: () => Promise<number>;
}
