import type { WallClock } from '../../platform/wall-clock.ts';
import { ownerOf, type Owner } from '../../store/owner.ts';
import { pageReach, pageStart, toPage, type Page, type PageRequest } from '../../store/page.ts';
import type { RedisConnection } from '../../store/redis/redis-connection.ts';
import { StoreError } from '../../store/store-error.ts';
import { defaultSessionLimits, type Appended, type NewSessionMessage, type Session, type SessionLimits, type SessionMessage, type SessionStore } from '../session-store.ts';
import { appendScript, createScript, getScript, listScript, messagesScript, removeScript } from './session-scripts.ts';

export interface RedisSessionOptions {
  readonly redis: RedisConnection;
  readonly limits?: Partial<SessionLimits>;
  /** Not set: the clock of the server. */
  readonly clock?: WallClock;
}

/** Kept longer than a session lives, in milliseconds: scripts decide by the time they are given, the server only cleans up. */
const SLACK_MS = 60_000;

function list(reply: unknown): readonly string[] {
  if (!Array.isArray(reply) || !reply.every((each) => typeof each === 'string')) throw new StoreError('corrupt', 'Redis gave no list for a session');
  return reply;
}

function toSession(reply: unknown): Session {
  const flat = list(reply);
  const fields = new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as const] : [])));
  const number = (name: string): number => Number(fields.get(name));
  const authority = fields.get('authority') ?? '';
  const owner = ownerOf({ tenant: fields.get('tenant') ?? '', subject: fields.get('subject') ?? '', authority: authority === '' ? undefined : authority });
  return { id: fields.get('id') ?? '', owner, version: number('version'), messages: number('messages'), createdAt: number('created_at'), updatedAt: number('updated_at'), expiresAt: number('expires_at') };
}

function toMessage(kept: string): SessionMessage {
  const [seq = '', at = ''] = kept.split(' ', 2);
  const { role, content } = JSON.parse(kept.slice(seq.length + at.length + 2)) as NewSessionMessage;
  return { seq: Number(seq), role, content, at: Number(at) };
}

function check(messages: readonly NewSessionMessage[], limits: SessionLimits): void {
  const long = messages.find(({ content }) => content.length > limits.maxMessageLength);
  if (long !== undefined) throw new StoreError('rejected', `a message of a session has ${long.content.length} characters, and ${limits.maxMessageLength} may be kept`);
}

/** Sessions of all replicas in one server; not for a cluster of servers, as a script writes a session and its owner's index in one step. */
export function createRedisSessionStore({ redis, limits: changed, clock }: RedisSessionOptions): SessionStore {
  const limits = { ...defaultSessionLimits, ...changed };
  const now = (): number | string => clock?.now() ?? '';
  const session = (id: string): string => redis.key('session', id);
  const messages = (id: string): string => redis.key('session-messages', id);
  const named = ({ tenant, subject, authority = '' }: Owner): readonly string[] => [tenant, subject, authority];
  // Older versions that run beside this one keep the sessions of all authorities of a name in one index, too.
  const index = ({ tenant, subject }: Owner): string => redis.key('sessions', JSON.stringify([tenant, subject]));

  const get = async (id: string, owner: Owner): Promise<Session | undefined> => {
    const reply = await redis.script(getScript, [session(id)], [now(), ...named(owner)]);
    return reply === 'unknown' ? undefined : toSession(reply);
  };
  const append = async (id: string, owner: Owner, write: Parameters<SessionStore['append']>[2]): Promise<Appended> => {
    check(write.messages, limits);
    const encoded = write.messages.map(({ role, content }) => JSON.stringify({ role, content }));
    const reply = await redis.script(appendScript, [session(id), messages(id), index(owner)], [now(), ...named(owner), id, limits.idleMs, limits.maxMessages, SLACK_MS, write.expectedVersion ?? -1, ...encoded]);
    return reply === 'unknown' || reply === 'conflict' ? { outcome: reply } : { outcome: 'appended', session: toSession(reply) };
  };
  const page = async (owner: Owner, request: PageRequest): Promise<Page<Session>> => {
    const start = pageStart(request);
    const below = start === Number.MAX_SAFE_INTEGER ? '+inf' : `(${start}`;
    const ids = list(await redis.script(listScript, [index(owner)], [now(), limits.idleMs, below, pageReach(request)]));
    const found = await Promise.all(ids.map(async (id) => get(id, owner)));
    return toPage(request, found.flatMap((item) => (item === undefined ? [] : [{ seq: item.updatedAt, item }])));
  };

  return {
    get,
    append,
    list: page,
    create: async ({ id, owner }) => {
      const reply = await redis.script(createScript, [session(id), messages(id), index(owner)], [now(), ...named(owner), id, limits.idleMs, limits.maxSessionsPerOwner, SLACK_MS]);
      return reply === 'quota' || reply === 'taken' ? { outcome: reply } : { outcome: 'created', session: toSession(reply) };
    },
    messages: async (id, owner, limit) => {
      const reply = await redis.script(messagesScript, [session(id), messages(id)], [now(), ...named(owner), limit]);
      return reply === 'unknown' ? undefined : list(reply).map(toMessage);
    },
    remove: async (id, owner) => ((await redis.script(removeScript, [session(id), messages(id), index(owner)], [now(), ...named(owner), id])) === 'removed' ? 'removed' : 'unknown'),
    // The server removes what has expired.
    prune: async () => 0,
  };
}
