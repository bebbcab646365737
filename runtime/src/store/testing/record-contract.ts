import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqlApprovalStore } from '../approvals/sql-approval-store.ts';
import type { Approval, ApprovalStore, NewApproval } from '../approvals/approval-store.ts';
import { createSqlAuditStore } from '../audit/sql-audit-store.ts';
import type { NewAuditRecord } from '../audit/audit-store.ts';
import { createSqlPrecisionStore } from '../precision/sql-precision-store.ts';
import type { Owner } from '../owner.ts';
import { createSqlTaskRecords, maximumPageBytes } from '../tasks/sql-task-records.ts';
import type { TaskRecords } from '../tasks/task-records.ts';
import type { DatabaseRig, OpenRig } from './database-rig.ts';

const approval: NewApproval = {
  id: 'ap-1',
  owner: { tenant: 'a', subject: 'ann' },
  requestId: 'r-1',
  tool: 'refund',
  rule: 'refunds-over-100',
  digest: 'd1',
  diff: { before: { balance: 0 }, after: { balance: 120 } },
  ttlMs: 1_000,
};

/** What is kept of approvals, of the audit and of precision, whatever it is kept in. */
export function describeRecords(name: string, openRig: OpenRig): void {
  describe(`records in ${name}`, () => {
    let rig: DatabaseRig;
    beforeEach(async () => {
      rig = await openRig();
    });
    afterEach(async () => rig.close());

    describe('tasks', () => {
      const owner = { tenant: 'a', subject: 'ann', authority: 'keys' };
      const running = { id: 't-1', owner, state: 'running', body: '{"n":1}', keepMs: 1_000, contextId: 'c-1', status: 'WORKING', statusAt: 10 } as const;
      const bodyOf = async (id: string, of: Owner = owner): Promise<string | undefined> => (await store.find(id, of))?.body;
      let store: TaskRecords;
      beforeEach(() => {
        store = createSqlTaskRecords(rig.database);
      });

      it('are found by their owner alone, as they began and then as they ended', async () => {
        await store.keep(running);
        expect(await store.find('t-1', owner)).toEqual({ state: 'running', body: '{"n":1}', changes: 1 });
        await store.keep({ ...running, owner: { tenant: 'b', subject: 'eve' }, body: "somebody else's" });
        expect(await bodyOf('t-1')).toBe('{"n":1}');
        for (const other of [{ ...owner, tenant: 'b' }, { ...owner, subject: 'eve' }, { ...owner, authority: 'an issuer' }]) expect(await store.find('t-1', other)).toBeUndefined();
        await store.keep({ ...running, state: 'ended', body: '{"n":2}', keepMs: 5_000 });
        await store.keep({ ...running, body: 'a late word of its beginning' });
        await store.keep({ ...running, owner: { tenant: 'b', subject: 'eve' }, state: 'ended', body: "somebody else's" });
        expect(await store.find('t-1', owner)).toMatchObject({ state: 'ended', body: '{"n":2}' });
        expect(await store.find('t-2', owner)).toBeUndefined();
      });

      it('tell that they have changed, and whether they are to be stopped, by their ids alone', async () => {
        await store.keep(running);
        const before = await store.changes(['t-1', 't-2']);
        expect([...before.keys()]).toEqual(['t-1']);
        await store.keep({ ...running, status: 'LATER' });
        expect((await store.changes(['t-1'])).get('t-1')).toBeGreaterThan(before.get('t-1') ?? 0);
        expect(await store.requestCancel('t-1', { ...owner, subject: 'eve' })).toBeUndefined();
        expect(await store.cancelRequested(['t-1', 't-2'])).toEqual([]);
        expect(await store.requestCancel('t-1', owner)).toMatchObject({ state: 'running', body: '{"n":1}' });
        expect(await store.cancelRequested(['t-1', 't-2'])).toEqual(['t-1']);
        await store.keep({ ...running, state: 'ended' });
        expect((await store.find('t-1', owner))?.changes).toBe((await store.changes(['t-1'])).get('t-1'));
        expect(await store.cancelRequested(['t-1'])).toEqual([]);
        rig.clock.advance(1_000);
        expect(await store.changes(['t-1'])).toEqual(new Map());
        expect(await store.requestCancel('t-1', owner)).toBeUndefined();
      });

      it('are listed for their owner, those that changed last first, page by page', async () => {
        for (const [index, statusAt] of [20, 40, 40, 30].entries()) await store.keep({ ...running, id: `t-${index}`, body: `${index}`, statusAt, contextId: index === 0 ? 'c-0' : 'c-1', status: index === 3 ? 'DONE' : 'WORKING' });
        await store.keep({ ...running, id: 'eve', owner: { ...owner, subject: 'eve' } });
        const first = await store.list(owner, { limit: 3 });
        expect(first).toEqual({ bodies: ['2', '1', '3'], total: 4, next: { statusAt: 30, id: 't-3' } });
        expect(await store.list(owner, { limit: 3, below: first.next })).toEqual({ bodies: ['0'], total: 4 });
        expect(await store.list(owner, { limit: 1, below: { statusAt: 40, id: 't-2' } })).toMatchObject({ bodies: ['1'], next: { id: 't-1' } });
        expect(await store.list(owner, { limit: 9, contextId: 'c-0' })).toEqual({ bodies: ['0'], total: 1 });
        expect(await store.list(owner, { limit: 9, status: 'DONE' })).toEqual({ bodies: ['3'], total: 1 });
        expect(await store.list(owner, { limit: 9, after: 30 })).toEqual({ bodies: ['2', '1'], total: 2 });
        expect(await store.list({ ...owner, authority: 'an issuer' }, { limit: 9 })).toEqual({ bodies: [], total: 0 });
        rig.clock.advance(1_000);
        expect(await store.list(owner, { limit: 9 })).toEqual({ bodies: [], total: 0 });
      });

      it('are fewer to a page where they are large', async () => {
        const large = 'x'.repeat(maximumPageBytes / 2);
        for (const id of ['t-1', 't-2', 't-3']) await store.keep({ ...running, id, body: large });
        const { bodies, next } = await store.list(owner, { limit: 3 });
        expect(bodies.map(({ length }) => length)).toEqual([large.length, large.length]);
        expect(next).toEqual({ statusAt: 10, id: 't-2' });
        expect((await store.list(owner, { limit: 3, below: next })).bodies).toHaveLength(1);
      });

      it('are gone when their time is over', async () => {
        await store.keep(running);
        await store.keep({ ...running, id: 't-2', keepMs: 2_000 });
        rig.clock.advance(1_000);
        expect(await store.find('t-1', owner)).toBeUndefined();
        expect([await store.prune(), await store.prune()]).toEqual([1, 0]);
        expect(await bodyOf('t-2')).toBe('{"n":1}');
      });
    });

    describe('approvals', () => {
      let store: ApprovalStore;
      beforeEach(() => {
        store = createSqlApprovalStore(rig.database);
      });
      const approved = { decision: 'approved', by: 'boss', reason: 'fine' } as const;
      const onRecord = ({ id, owner, digest }: Approval): NewAuditRecord => ({ owner: { tenant: owner.tenant, subject: 'boss' }, requestId: 'r-9', policyVersion: 'agent@rev', action: 'approval.decide', target: id, outcome: 'done', details: { digest } });

      it('is used once for the write that was approved', async () => {
        expect(await store.request(approval)).toMatchObject({ outcome: 'pending', approval: { state: 'pending', diff: approval.diff } });
        expect(await store.use('ap-1', 'a', 'd1')).toBe('not-approved');
        expect(await store.decide('ap-1', 'a', approved, onRecord)).toMatchObject({ outcome: 'decided', approval: { state: 'approved', decidedBy: 'boss', reason: 'fine' } });
        expect(await store.use('ap-1', 'a', 'd2')).toBe('other-write');
        expect((await Promise.all([1, 2, 3].map(async () => store.use('ap-1', 'a', 'd1')))).toSorted()).toEqual(['not-approved', 'not-approved', 'used']);
        expect(await store.get('ap-1', 'a')).toMatchObject({ state: 'used' });
      });

      it('takes the first decision only, and none of whoever asked', async () => {
        await store.request(approval);
        expect(await store.decide('ap-1', 'a', { ...approved, by: 'ann' }, onRecord)).toEqual({ outcome: 'own' });
        expect(await store.decide('ap-1', 'a', { decision: 'rejected', by: 'boss' }, onRecord)).toMatchObject({ outcome: 'decided' });
        expect(await store.decide('ap-1', 'a', approved, onRecord)).toEqual({ outcome: 'already-decided' });
        expect(await store.use('ap-1', 'a', 'd1')).toBe('not-approved');
      });

      it('is decided and on record at once, or neither', async () => {
        await store.request(approval);
        const audit = createSqlAuditStore(rig.database);
        await expect(store.decide('ap-1', 'a', approved, (item) => ({ ...onRecord(item), details: { text: 'x'.repeat(20_000) } }))).rejects.toThrow('the details of an audit record');
        expect(await store.get('ap-1', 'a')).toMatchObject({ state: 'pending' });
        expect(await store.decide('ap-1', 'a', approved, onRecord)).toMatchObject({ outcome: 'decided' });
        expect(await store.decide('ap-1', 'a', approved, onRecord)).toEqual({ outcome: 'already-decided' });
        expect((await audit.list('a', { limit: 10 })).items).toMatchObject([{ action: 'approval.decide', target: 'ap-1', details: { digest: 'd1' } }]);
      });

      it('does not exist for another tenant', async () => {
        await store.request(approval);
        expect(await store.get('ap-1', 'b')).toBeUndefined();
        expect(await store.decide('ap-1', 'b', approved, onRecord)).toEqual({ outcome: 'unknown' });
        expect(await store.use('ap-1', 'b', 'd1')).toBe('unknown');
        expect(await store.list('b', { limit: 10 })).toEqual({ items: [] });
      });

      it('is not of another who has the same name, who may not decide on it either', async () => {
        const vouched = { ...approval, owner: { ...approval.owner, authority: 'keys' } };
        expect(await store.request(vouched)).toMatchObject({ outcome: 'pending', approval: { owner: vouched.owner } });
        expect(await store.request({ ...approval, owner: { ...approval.owner, authority: 'issuer https://id.example.com' } })).toEqual({ outcome: 'conflict' });
        // What an older version asked for, or asks for, is of the name.
        expect(await store.request(approval)).toMatchObject({ outcome: 'pending' });
        expect(await store.decide('ap-1', 'a', { ...approved, by: 'ann' }, onRecord)).toEqual({ outcome: 'own' });
      });

      it('gives what there is to who asks again, and refuses the id for anything else', async () => {
        await store.request(approval);
        await store.decide('ap-1', 'a', approved, onRecord);
        expect(await store.request(approval)).toMatchObject({ outcome: 'pending', approval: { state: 'approved' } });
        expect(await store.request({ ...approval, digest: 'd2' })).toEqual({ outcome: 'conflict' });
        expect(await store.request({ ...approval, owner: { tenant: 'b', subject: 'ann' } })).toEqual({ outcome: 'conflict' });
        expect(await store.request({ ...approval, owner: { tenant: 'a', subject: 'eve' } })).toEqual({ outcome: 'conflict' });
      });

      it('is a no when nobody decides or uses it in time', async () => {
        await store.request(approval);
        await store.request({ ...approval, id: 'ap-2' });
        await store.decide('ap-2', 'a', approved, onRecord);
        rig.clock.advance(1_000);
        expect(await store.decide('ap-1', 'a', approved, onRecord)).toEqual({ outcome: 'already-decided' });
        expect(await store.use('ap-2', 'a', 'd1')).toBe('not-approved');
        expect((await store.list('a', { limit: 10, state: 'expired' })).items.map(({ id }) => id)).toEqual(['ap-2', 'ap-1']);
        expect((await store.list('a', { limit: 10, state: 'pending' })).items).toEqual([]);
        expect(await store.prune(rig.clock.now() + 1)).toBe(2);
      });
    });

    it('the audit keeps the order of writing and is read by tenant and by request', async () => {
      const store = createSqlAuditStore(rig.database);
      const entry: NewAuditRecord = { owner: { tenant: 'a', subject: 'ann' }, requestId: 'r1', traceId: 't1', policyVersion: 'agent@rev', action: 'tool.write', target: 'refund', outcome: 'done', details: { approval: 'ap-1' } };
      const first = await store.append(entry);
      expect(first).toMatchObject({ ...entry, at: rig.clock.now() });
      await store.append({ ...entry, requestId: 'r2', traceId: undefined, outcome: 'denied' });
      await store.append({ ...entry, owner: { tenant: 'b', subject: 'bob' } });
      expect((await store.list('a', { limit: 10 })).items.map(({ requestId, outcome }) => [requestId, outcome])).toEqual([['r2', 'denied'], ['r1', 'done']]);
      expect((await store.list('a', { limit: 10, requestId: 'r1' })).items).toEqual([first]);
      const page = await store.list('a', { limit: 1 });
      expect(await store.list('a', { limit: 1, after: page.next })).toEqual({ items: [first] });
      await expect(store.append({ ...entry, details: { text: 'x'.repeat(20_000) } })).rejects.toThrow('the details of an audit record are 20011 characters of JSON, and 16384 may be kept');
      rig.clock.advance(10);
      expect(await store.prune(rig.clock.now())).toBe(3);
    });

    it('precision keeps what a run has made known, and where the next one begins', async () => {
      const store = createSqlPrecisionStore(rig.database);
      expect(await store.record('run-1', {})).toBe('unknown');
      expect(await store.begin({ sessionId: 'run-1', agentId: 'billing' })).toBe('begun');
      expect(await store.begin({ sessionId: 'run-1', agentId: 'billing' })).toBe('begun');
      expect(await store.begin({ sessionId: 'run-1', agentId: 'other' })).toBe('taken');
      const startedAt = rig.clock.now();
      await store.record('run-1', { precision: [{ level: 'execution', precision: 0.75 }, { level: 'planning', precision: 0.9, predictionError: 0.1 }] });
      rig.clock.advance(5);
      await store.record('run-1', {
        precision: [{ level: 'execution', precision: 0.41, predictionError: 0.95 }],
        tools: [{ tool: 'api_fetch', outcome: 'failure', executionTimeMs: 12.5, predictionError: 0.95 }, { tool: 'cache_fetch', outcome: 'success' }],
        adaptations: [{ cause: 'high_prediction_error', action: 'switched_to_cache_fetch', oldPrecision: 0.75, newPrecision: 0.41 }],
      });
      expect(await store.finish('run-1', 'completed')).toBe('recorded');
      expect(await store.history('run-1', 2)).toEqual({
        agentId: 'billing',
        status: 'completed',
        startedAt,
        precision: [
          { level: 'planning', precision: 0.9, predictionError: 0.1, at: startedAt },
          { level: 'execution', precision: 0.41, predictionError: 0.95, at: startedAt + 5 },
        ],
        tools: [
          { tool: 'api_fetch', outcome: 'failure', executionTimeMs: 12.5, predictionError: 0.95, at: startedAt + 5 },
          { tool: 'cache_fetch', outcome: 'success', at: startedAt + 5 },
        ],
        adaptations: [{ cause: 'high_prediction_error', action: 'switched_to_cache_fetch', oldPrecision: 0.75, newPrecision: 0.41, at: startedAt + 5 }],
      });
      expect(await store.latest('billing')).toEqual(new Map([['execution', 0.41], ['planning', 0.9]]));
      expect(await store.latest('other')).toEqual(new Map());
      expect(await store.prune(startedAt + 1)).toBe(1);
      expect(await store.history('run-1', 2)).toBeUndefined();
      expect(await store.finish('run-1', 'failed')).toBe('unknown');
    });
  });
}
