import type { ModelMessage } from '../providers/model-client.ts';
import type { Session, SessionStore } from '../sessions/session-store.ts';
import type { Owner } from '../store/owner.ts';
import { StoreError } from '../store/store-error.ts';
import { Conflict, NotFound } from './request-problems.ts';

/** Messages of a session that the model is shown. */
const remembered = 40;

/** A session as one question sees it. */
export interface Conversation {
  /** What was said before, oldest first. */
  readonly history: readonly ModelMessage[];
  /** Adds the question and its answer. Throws Conflict when another question came in between; `lost`: the store is away. */
  readonly keep: (question: string, answer: string) => Promise<'kept' | 'lost'>;
}

/** What the model is shown of a session, oldest first; undefined: this owner has none of that id. Throws StoreError. */
export async function historyIn(sessions: Pick<SessionStore, 'messages'>, id: string, owner: Owner): Promise<readonly ModelMessage[] | undefined> {
  const messages = await sessions.messages(id, owner, remembered);
  return messages?.map(({ role, content }) => (role === 'user' ? { role, text: content } : { role, text: content, toolCalls: [] }));
}

async function append(sessions: SessionStore, session: Session, question: string, answer: string): Promise<void> {
  const messages = [{ role: 'user', content: question }, { role: 'assistant', content: answer }] as const;
  const { outcome } = await sessions.append(session.id, session.owner, { messages, expectedVersion: session.version });
  if (outcome === 'conflict') throw new Conflict('session-conflict', 'Another question of this session was answered in the meantime; ask again', { field: 'session_id' });
  if (outcome === 'unknown') throw new NotFound('The session was removed while the question was answered', 'session_id');
}

/** Throws NotFound for a session that this owner does not have, and StoreError. */
export async function openConversation(sessions: SessionStore, id: string, owner: Owner): Promise<Conversation> {
  const [session, history] = [await sessions.get(id, owner), await historyIn(sessions, id, owner)];
  if (session === undefined || history === undefined) throw new NotFound('session_id names no session of yours; make one by POST /v1/sessions', 'session_id');
  return {
    history,
    keep: async (question, answer) => {
      try {
        await append(sessions, session, question, answer);
        return 'kept';
      } catch (error) {
        // The answer is paid for and there; that it will not be remembered is told by its status.
        if (error instanceof StoreError) return 'lost';
        throw error;
      }
    },
  };
}
