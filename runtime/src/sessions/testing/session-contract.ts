import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Owner } from '../../store/owner.ts';
import { defaultSessionLimits, type SessionLimits, type SessionStore } from '../session-store.ts';

const ann: Owner = { tenant: 'a', subject: 'ann' };
const limits: SessionLimits = { ...defaultSessionLimits, idleMs: 10_000, maxMessages: 4, maxMessageLength: 20, maxSessionsPerOwner: 3 };

export interface SessionRig {
  readonly store: SessionStore;
  readonly clock: { readonly now: () => number; readonly advance: (milliseconds: number) => void };
  readonly close: () => Promise<void>;
}

/** What every session store does, whatever it keeps the sessions in. */
export function describeSessionStore(name: string, open: (limits: SessionLimits) => Promise<SessionRig>): void {
  describe(`sessions in ${name}`, () => {
    let rig: SessionRig;
    let store: SessionStore;
    beforeEach(async () => {
      rig = await open(limits);
      store = rig.store;
    });
    afterEach(async () => rig.close());
    const say = (content: string) => ({ messages: [{ role: 'user' as const, content }] });

    it('keeps a conversation in order', async () => {
      expect(await store.create({ id: 's1', owner: ann })).toMatchObject({ outcome: 'created', session: { id: 's1', owner: ann, version: 0, messages: 0 } });
      const answered = await store.append('s1', ann, { messages: [{ role: 'user', content: 'How much?' }, { role: 'assistant', content: '42 euros.' }] });
      expect(answered).toMatchObject({ outcome: 'appended', session: { version: 1, messages: 2 } });
      await store.append('s1', ann, say('And now?'));
      expect(await store.messages('s1', ann, 10)).toEqual([
        { seq: 1, role: 'user', content: 'How much?', at: rig.clock.now() },
        { seq: 2, role: 'assistant', content: '42 euros.', at: rig.clock.now() },
        { seq: 3, role: 'user', content: 'And now?', at: rig.clock.now() },
      ]);
      expect((await store.messages('s1', ann, 2))?.map(({ seq }) => seq)).toEqual([2, 3]);
    });

    it('keeps whatever a user writes, but for U+0000, which some stores do not know', async () => {
      await store.create({ id: 's1', owner: ann });
      expect(await store.append('s1', ann, say('a\0b 😀 \u202e'))).toMatchObject({ outcome: 'appended' });
      expect((await store.messages('s1', ann, 1))?.[0]?.content).toMatch(/^a[\0\ufffd]b 😀 \u202e$/u);
    });

    it.each([
      { tenant: 'b', subject: 'ann' },
      { tenant: 'a', subject: 'bob' },
    ])('is not there for $tenant/$subject', async (other) => {
      await store.create({ id: 's1', owner: ann });
      await store.append('s1', ann, say('mine'));
      expect(await store.get('s1', other)).toBeUndefined();
      expect(await store.messages('s1', other, 10)).toBeUndefined();
      expect(await store.append('s1', other, say('mine now'))).toEqual({ outcome: 'unknown' });
      expect(await store.remove('s1', other)).toBe('unknown');
      expect(await store.list(other, { limit: 10 })).toEqual({ items: [] });
      expect(await store.create({ id: 's1', owner: other })).toEqual({ outcome: 'taken' });
      expect(await store.messages('s1', ann, 10)).toHaveLength(1);
    });

    it('tells callers of one name apart by who vouched for them', async () => {
      const [byKey, byToken] = [{ ...ann, authority: 'keys' }, { ...ann, authority: 'issuer https://id.example.com' }];
      expect(await store.create({ id: 's1', owner: byKey })).toMatchObject({ outcome: 'created', session: { owner: byKey } });
      await store.append('s1', byKey, say('mine'));
      expect(await store.get('s1', byToken)).toBeUndefined();
      expect(await store.messages('s1', byToken, 10)).toBeUndefined();
      expect(await store.append('s1', byToken, say('mine now'))).toEqual({ outcome: 'unknown' });
      expect(await store.remove('s1', byToken)).toBe('unknown');
      expect((await store.list(byToken, { limit: 10 })).items).toEqual([]);
      expect((await store.list(byKey, { limit: 10 })).items).toMatchObject([{ id: 's1', owner: byKey }]);
    });

    it('goes by the name for what an older version keeps, until somebody goes on with it', async () => {
      const [byKey, byToken] = [{ ...ann, authority: 'keys' }, { ...ann, authority: 'issuer https://id.example.com' }];
      await store.create({ id: 's1', owner: ann });
      expect([await store.get('s1', byKey), await store.get('s1', byToken)]).toMatchObject([{ owner: ann }, { owner: ann }]);
      expect(await store.append('s1', byToken, say('mine'))).toMatchObject({ session: { owner: byToken } });
      expect(await store.get('s1', byKey)).toBeUndefined();
      // The older version, beside this one, goes by the name as it did.
      expect(await store.append('s1', ann, say('still mine'))).toMatchObject({ outcome: 'appended', session: { owner: byToken } });
      expect(await store.remove('s1', byToken)).toBe('removed');
    });

    it('lets one of two writers through who saw the same version', async () => {
      await store.create({ id: 's1', owner: ann });
      const outcomes = await Promise.all(['a', 'b', 'c'].map(async (content) => store.append('s1', ann, { ...say(content), expectedVersion: 0 })));
      expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['appended', 'conflict', 'conflict']);
      expect(await store.messages('s1', ann, 10)).toHaveLength(1);
    });

    it('loses no message of writers at the same time', async () => {
      await store.create({ id: 's1', owner: ann });
      await Promise.all(['a', 'b', 'c', 'd'].map(async (content) => store.append('s1', ann, say(content))));
      const kept = (await store.messages('s1', ann, 10)) ?? [];
      expect(kept.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
      expect(kept.map(({ content }) => content).toSorted()).toEqual(['a', 'b', 'c', 'd']);
    });

    it('drops the oldest messages beyond its bound and goes on counting', async () => {
      await store.create({ id: 's1', owner: ann });
      for (const content of ['1', '2', '3', '4', '5', '6']) await store.append('s1', ann, say(content));
      expect((await store.messages('s1', ann, 10))?.map(({ seq, content }) => [seq, content])).toEqual([[3, '3'], [4, '4'], [5, '5'], [6, '6']]);
      expect(await store.get('s1', ann)).toMatchObject({ messages: 6, version: 6 });
    });

    it('refuses a message that is too long, and writes nothing of it', async () => {
      await store.create({ id: 's1', owner: ann });
      await expect(store.append('s1', ann, { messages: [{ role: 'user', content: 'ok' }, { role: 'user', content: 'x'.repeat(21) }] })).rejects.toThrow('a message of a session has 21 characters, and 20 may be kept');
      expect(await store.messages('s1', ann, 10)).toEqual([]);
    });

    it('forgets a session that nobody writes to, and frees its id', async () => {
      await store.create({ id: 's1', owner: ann });
      rig.clock.advance(9_999);
      await store.append('s1', ann, say('still here'));
      rig.clock.advance(9_999);
      expect(await store.get('s1', ann)).toBeDefined();
      rig.clock.advance(1);
      expect(await store.get('s1', ann)).toBeUndefined();
      expect(await store.append('s1', ann, say('late'))).toEqual({ outcome: 'unknown' });
      expect(await store.list(ann, { limit: 10 })).toEqual({ items: [] });
      expect(await store.create({ id: 's1', owner: { tenant: 'b', subject: 'bob' } })).toMatchObject({ outcome: 'created', session: { version: 0 } });
      expect(await store.messages('s1', { tenant: 'b', subject: 'bob' }, 10)).toEqual([]);
    });

    it('removes a session with its messages', async () => {
      await store.create({ id: 's1', owner: ann });
      await store.append('s1', ann, say('x'));
      expect(await store.remove('s1', ann)).toBe('removed');
      expect(await store.remove('s1', ann)).toBe('unknown');
      await store.create({ id: 's1', owner: ann });
      expect(await store.messages('s1', ann, 10)).toEqual([]);
    });

    it('bounds the sessions of one owner, and counts no expired ones', async () => {
      for (const id of ['1', '2', '3']) await store.create({ id, owner: ann });
      expect(await store.create({ id: '4', owner: ann })).toEqual({ outcome: 'quota' });
      expect(await store.create({ id: '4', owner: { tenant: 'a', subject: 'bob' } })).toMatchObject({ outcome: 'created' });
      rig.clock.advance(10_000);
      expect(await store.create({ id: '5', owner: ann })).toMatchObject({ outcome: 'created' });
      await store.prune();
      expect((await store.list(ann, { limit: 10 })).items.map(({ id }) => id)).toEqual(['5']);
    });

    it('lists by pages, the last written first', async () => {
      for (const id of ['1', '2', '3']) {
        await store.create({ id, owner: ann });
        rig.clock.advance(1);
      }
      await store.append('1', ann, say('x'));
      const first = await store.list(ann, { limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(['1', '3']);
      expect(await store.list(ann, { limit: 2, after: first.next })).toMatchObject({ items: [{ id: '2' }] });
    });
  });
}
