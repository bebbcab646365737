import { describe, expect, it } from 'vitest';
import type { Caller } from '../approvals/caller.ts';
import { createEffectLedger } from '../approvals/effect-ledger.ts';
import { createWriteGate } from '../approvals/write-gate.ts';
import { createSqlIdempotencyStore } from '../idempotency/sql/sql-idempotency-store.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createSqlApprovalStore } from '../store/approvals/sql-approval-store.ts';
import { createSqlAuditStore } from '../store/audit/sql-audit-store.ts';
import { openSqliteRig } from '../store/testing/database-rig.ts';
import { ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { StoreError } from '../store/store-error.ts';
import { createHarness, type Harness } from '../testing/app-harness.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import type { Access } from './access/access.ts';
import { createApp } from './app.ts';

/** Callers that name themselves: what is tested here is whose things are whose. */
const named: Access = {
  mode: 'closed',
  standing: (caller) => caller,
  authenticate: async ({ authorization = '' }): Promise<Caller> => {
    const [tenant = '', subject = '', ...roles] = authorization.split(' ');
    return { tenant, subject, roles };
  },
  tenant: () => ({ flags: {} }),
};
const ann = { authorization: 'shop ann' };
const bob = { authorization: 'shop bob approver' };
const eve = { authorization: 'rival eve approver' };

type Headers = Readonly<Record<string, string>>;
type Method = 'GET' | 'POST' | 'DELETE';

async function ask({ app }: Harness, method: Method, url: string, headers: Headers = {}, payload?: object) {
  return await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
}

describe('/v1/sessions', () => {
  it('remembers what was said, for its owner alone', async () => {
    const model = createScriptedModel(reply('Thirty days.'), reply('Yes.'));
    const harness = await createHarness({ model, access: named });
    const made = await ask(harness, 'POST', '/v1/sessions', ann);
    const { id } = made.json();
    expect([made.statusCode, made.headers['location']]).toEqual([201, `/v1/sessions/${id}`]);
    await ask(harness, 'POST', '/v1/invoke', ann, { session_id: id, input: { text: 'How long?' } });
    const second = await ask(harness, 'POST', '/v1/stream', ann, { session_id: id, input: { text: 'Really?' } });
    expect(second.body).toContain('"answer":"Yes."');
    expect(model.requests[1]?.messages).toEqual([{ role: 'user', text: 'How long?' }, { role: 'assistant', text: 'Thirty days.', toolCalls: [] }, { role: 'user', text: 'Really?' }]);
    const messages = (await ask(harness, 'GET', `/v1/sessions/${id}/messages`, ann)).json();
    expect(messages.items.map(({ role, content }: { role: string; content: string }) => [role, content])).toEqual([['user', 'How long?'], ['assistant', 'Thirty days.'], ['user', 'Really?'], ['assistant', 'Yes.']]);
    expect((await ask(harness, 'GET', '/v1/sessions', ann)).json().items).toMatchObject([{ id, messages: 4 }]);
    for (const other of [bob, eve]) {
      expect((await ask(harness, 'GET', `/v1/sessions/${id}`, other)).statusCode).toBe(404);
      expect((await ask(harness, 'DELETE', `/v1/sessions/${id}`, other)).statusCode).toBe(404);
      expect((await ask(harness, 'POST', '/v1/invoke', other, { session_id: id, input: { text: 'Tell me.' } })).json()).toMatchObject({ status: 404, field: 'session_id' });
    }
    expect((await ask(harness, 'DELETE', `/v1/sessions/${id}`, ann)).statusCode).toBe(204);
    expect((await ask(harness, 'GET', `/v1/sessions/${id}/messages`, ann)).json()).toMatchObject({ status: 404, type: 'urn:sluice:problem:not-found' });
    expect(model.requests).toHaveLength(2);
  });

  it('says so when two questions of a session cross, and when the answer could not be kept', async () => {
    const release = Promise.withResolvers<void>();
    const harness = await createHarness({ model: createScriptedModel(async () => (await release.promise, reply('First.')), reply('Second.'), reply('Third.')) });
    const { id } = (await ask(harness, 'POST', '/v1/sessions')).json();
    const question = { session_id: id, input: { text: 'Which?' } };
    const first = ask(harness, 'POST', '/v1/invoke', {}, question);
    await expect.poll(() => harness.active.count()).toBe(1);
    expect((await ask(harness, 'POST', '/v1/invoke', {}, question)).json().answer).toBe('Second.');
    release.resolve();
    expect((await first).json()).toMatchObject({ status: 409, type: 'urn:sluice:problem:session-conflict' });
    const { sessions } = harness.kept.state;
    Object.assign(sessions, { append: () => Promise.reject(new StoreError('unavailable', 'away')) });
    expect((await ask(harness, 'POST', '/v1/invoke', {}, question)).json()).toMatchObject({ status: 'degraded', answer: 'Third.' });
  });
});

describe('/v1/approvals', () => {
  const digest = 'd-1';

  async function waiting(): Promise<Harness> {
    const harness = await createHarness({ model: createScriptedModel(reply('x')), access: named });
    await harness.kept.store.approvals.request({ id: 'a-1', owner: { tenant: 'shop', subject: 'ann' }, requestId: 'r-1', tool: 'refund', rule: 'large', digest, diff: { changes: [], arguments: { amount: 900 }, ref: 'tool-1' }, ttlMs: 60_000 });
    return harness;
  }

  it('shows a write to whoever asked and to approvers of the tenant', async () => {
    const harness = await waiting();
    for (const caller of [ann, bob]) {
      expect((await ask(harness, 'GET', '/v1/approvals?state=pending', caller)).json().items).toMatchObject([{ id: 'a-1', tool: 'refund', requested_by: 'ann', proposed: { arguments: { amount: 900 } } }]);
      expect((await ask(harness, 'GET', '/v1/approvals/a-1', caller)).statusCode).toBe(200);
    }
    expect((await ask(harness, 'GET', '/v1/approvals', { authorization: 'shop carl' })).json()).toEqual({ items: [] });
    for (const other of [eve, { authorization: 'shop carl' }]) expect((await ask(harness, 'GET', '/v1/approvals/a-1', other)).statusCode).toBe(404);
  });

  it('lets another person with the role decide, once, and puts it on the record', async () => {
    const harness = await waiting();
    const decide = (caller: Headers, payload: object = { decision: 'approved', reason: 'She called.' }) => ask(harness, 'POST', '/v1/approvals/a-1/decision', caller, payload);
    expect((await decide(ann)).statusCode).toBe(403);
    expect((await decide({ authorization: 'shop ann approver' })).json()).toMatchObject({ status: 403, detail: expect.stringContaining('may not decide') });
    expect((await decide(eve)).statusCode).toBe(404);
    expect((await decide(bob, { decision: 'maybe' })).statusCode).toBe(422);
    expect((await decide(bob)).json()).toMatchObject({ state: 'approved', decided_by: 'bob', reason: 'She called.' });
    expect((await decide(bob, { decision: 'rejected' })).json()).toMatchObject({ status: 409, type: 'urn:sluice:problem:already-decided' });
    const { items } = await harness.kept.store.audit.list('shop', { limit: 10 });
    expect(items.map(({ action, outcome, owner }) => [action, outcome, owner.subject])).toEqual([['approval.decide', 'done', 'bob'], ['approval.decide', 'denied', 'ann'], ['approval.decide', 'denied', 'ann']]);
    expect(items[0]).toMatchObject({ policyVersion: 'support@r1', traceId: expect.stringMatching(/^[0-9a-f]{32}$/), details: { digest } });
  });

  it('is decided on by nobody in a server that tells nobody apart', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('x')) });
    expect((await ask(harness, 'POST', '/v1/approvals/a-1/decision', {}, { decision: 'approved' })).statusCode).toBe(403);
  });

  it('is made for its owner once it is approved, once, with the arguments that were approved', async () => {
    const rig = await openSqliteRig();
    const approvals = createSqlApprovalStore(rig.database);
    const transport = createFakeTransport({ body: 'done' });
    const tool = ticketTool({ name: 'refund', effect: 'Write', write: { roles: ['clerk'], approval: { when: 'Always', timeoutMs: 60_000 } } });
    const gate = createWriteGate({ approvals, audit: createSqlAuditStore(rig.database), ledger: createEffectLedger(createSqlIdempotencyStore(rig.database)), policyVersion: 'p' });
    const toolbox = createToolbox({ tools: [tool], clock: createFakeClock(), transport, observe: () => {}, writes: 'live', writeGate: gate });
    const { dependencies } = await createHarness({ model: createScriptedModel(reply('x')), access: named, state: { approvals } });
    const app = await createApp({ ...dependencies, toolbox });
    const clerk = { authorization: 'shop ann clerk' };
    const asked = await toolbox.call({ name: 'refund', argumentsJson: '{"id":"7"}', requestId: 'r-1', ref: 'tool-1', caller: { tenant: 'shop', subject: 'ann', roles: ['clerk'] } }, new AbortController().signal);
    const id = asked.kind === 'pending' ? asked.approval.id : '';
    const apply = async (headers: Headers) => (await app.inject({ method: 'POST', url: `/v1/approvals/${id}/apply`, headers })).json();
    expect(await apply(clerk)).toMatchObject({ status: 409, type: 'urn:sluice:problem:not-approved' });
    await app.inject({ method: 'POST', url: `/v1/approvals/${id}/decision`, headers: bob, payload: { decision: 'approved' } });
    for (const other of [bob, eve]) expect(await apply(other)).toMatchObject({ status: 404 });
    expect(await apply(ann)).toMatchObject({ outcome: 'failed', reason: 'the caller may not make this write' });
    expect(transport.requests).toHaveLength(0);
    for (let time = 0; time < 2; time += 1) expect(await apply(clerk)).toMatchObject({ outcome: 'made', approval: { id, state: 'used' } });
    expect(transport.requests).toHaveLength(1);
    await rig.close();
  });
});
