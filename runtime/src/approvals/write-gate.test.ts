import type { BundleTool } from '@sluice/crds';
import { afterEach, describe, expect, it } from 'vitest';
import { createSqlIdempotencyStore } from '../idempotency/sql/sql-idempotency-store.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import type { Approval } from '../store/approvals/approval-store.ts';
import { createSqlApprovalStore } from '../store/approvals/sql-approval-store.ts';
import type { NewAuditRecord } from '../store/audit/audit-store.ts';
import { createSqlAuditStore } from '../store/audit/sql-audit-store.ts';
import { openSqliteRig, type DatabaseRig } from '../store/testing/database-rig.ts';
import { ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport, type Answer } from '../testing/fake-transport.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { approvedCall } from './approved-call.ts';
import type { Caller } from './caller.ts';
import { createEffectLedger } from './effect-ledger.ts';
import { createWriteGate } from './write-gate.ts';
import { WriteInFlight } from './write-in-flight.ts';

const opened: DatabaseRig[] = [];
afterEach(async () => {
  for (const rig of opened.splice(0)) await rig.close();
});

const clerk: Caller = { tenant: 'shop', subject: 'kim', roles: ['clerk'] };
const http = { url: 'https://tickets.example.com/v1/tickets/{id}', allowedHosts: ['tickets.example.com'] };
const schema = { type: 'object', properties: { id: { type: 'string' }, state: { type: 'string' }, amount: { type: 'number' } }, required: ['id'] };

function writeTool(write: BundleTool['write'], more: Partial<BundleTool> = {}): BundleTool {
  return { name: 'ticket_write', description: 'Writes.', parameters: schema, http: { method: 'PUT', ...http }, timeoutMs: 1_000, effect: 'Write', ...more, ...(write === undefined ? {} : { write }) };
}

const onRecord = ({ id, owner }: Approval): NewAuditRecord => ({ owner, requestId: 'r-9', policyVersion: 'support@r1', action: 'approval.decide', target: id, outcome: 'done', details: {} });

const always = { approval: { when: 'Always' as const, timeoutMs: 60_000 } };

async function setUp(tool: BundleTool, ...answers: readonly Answer[]) {
  const rig = await openSqliteRig();
  opened.push(rig);
  const approvals = createSqlApprovalStore(rig.database);
  const audit = createSqlAuditStore(rig.database);
  const transport = createFakeTransport(...answers);
  const clock = createFakeClock();
  /** What a process that starts over the same database gets. */
  const open = () =>
    createToolbox({
      tools: [tool, ticketTool()], clock, transport, observe: () => {}, writes: 'live',
      writeGate: createWriteGate({ approvals, audit, ledger: createEffectLedger(createSqlIdempotencyStore(rig.database)), policyVersion: 'support@r1' }),
    });
  const toolbox = open();
  const call = (args: unknown, { ref = 'tool-1', caller = clerk, requestId = 'r-1', box = toolbox } = {}) => box.call({ name: 'ticket_write', argumentsJson: JSON.stringify(args), requestId, ref, caller }, new AbortController().signal);
  const events = async () => (await audit.list('shop', { limit: 100 })).items.filter(({ action }) => action === 'tool.write').map(({ details }) => details['event']).toReversed();
  return { rig, approvals, audit, transport, clock, toolbox, open, call, events };
}

describe('a write', () => {
  it('is made by who may, on the record from before it is sent', async () => {
    const { call, transport, events, audit } = await setUp(writeTool({ roles: ['clerk', 'lead'] }), { body: 'done' });
    expect(await call({ id: '7', state: 'closed' })).toEqual({ kind: 'ok', content: 'done' });
    expect(transport.requests[0]).toMatchObject({ method: 'PUT', headers: { 'idempotency-key': expect.stringMatching(/^r-1:tool-1:[0-9a-f]{16}$/) }, body: '{"state":"closed"}' });
    expect(await events()).toEqual(['started', 'succeeded']);
    const { items } = await audit.list('shop', { limit: 1 });
    expect(items[0]).toMatchObject({ owner: { tenant: 'shop', subject: 'kim' }, requestId: 'r-1', policyVersion: 'support@r1', action: 'tool.write', target: 'ticket_write', outcome: 'done' });
    expect(JSON.stringify(items)).not.toContain('closed');
  });

  it.each([[{ ...clerk, roles: [] }], [{ ...clerk, roles: ['Clerk', 'guest'] }]])('is refused to %j, and that is on record', async (caller) => {
    const { call, transport, events } = await setUp(writeTool({ roles: ['clerk'] }));
    expect(await call({ id: '7' }, { caller })).toEqual({ kind: 'failed', failure: 'refused', reason: 'the caller may not make this write' });
    expect([transport.requests.length, await events()]).toEqual([0, ['denied']]);
  });

  it('is made once for one number of one request, also by a process that starts anew', async () => {
    const { call, transport, events, open } = await setUp(writeTool(undefined), { body: 'done' });
    expect(await call({ id: '7' })).toEqual(await call({ id: '7' }, { box: open() }));
    expect([transport.requests.length, await events()]).toEqual([1, ['started', 'succeeded', 'replayed']]);
    expect(await call({ id: '8' })).toMatchObject({ failure: 'refused', reason: 'another write was made under this number of this request' });
    expect(await call({ id: '7' }, { ref: 'tool-2' })).toMatchObject({ kind: 'ok' });
    expect(transport.requests).toHaveLength(2);
  });

  it.each([[{ ...clerk, subject: 'lee' }], [{ ...clerk, tenant: 'other' }]])('is another one for %j, who chose the same request id', async (other) => {
    const { call, transport } = await setUp(writeTool(undefined), { body: 'for kim' }, { body: 'for the other' });
    expect(await call({ id: '7' })).toEqual({ kind: 'ok', content: 'for kim' });
    expect(await call({ id: '7' }, { caller: other })).toEqual({ kind: 'ok', content: 'for the other' });
    expect(await call({ id: '8' }, { caller: { ...other, subject: 'pat' } })).toMatchObject({ kind: 'ok' });
    expect(new Set(transport.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(3);
  });

  it.each<[string, Answer]>([
    ['a gateway that gave up', { status: 504 }],
    ['a connection that broke', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
  ])('that ended with %s is not made again under another number of the request', async (_name, answer) => {
    const { call, transport, events, open } = await setUp(writeTool(undefined), answer, { body: 'done' });
    expect(await call({ id: '7' })).toMatchObject({ failure: 'error', reason: expect.stringContaining('whether the write was made is not known') });
    expect(await call({ id: '7' }, { ref: 'tool-2', box: open() })).toMatchObject({ failure: 'refused', reason: expect.stringContaining('a person must look') });
    expect(await call({ id: '7' }, { ref: 'tool-3' })).toMatchObject({ failure: 'refused' });
    expect(transport.requests).toHaveLength(1);
    expect(await events()).toEqual(['started', 'unknown', 'refused', 'refused']);
    expect(await call({ id: '8' }, { ref: 'tool-4' })).toMatchObject({ kind: 'ok' });
    expect(await call({ id: '7' }, { requestId: 'r-2' })).toMatchObject({ kind: 'ok' });
  });

  it('whose caller left while it was sent is not made again under another number of the request', async () => {
    const caller = new AbortController();
    const { call, toolbox, transport, events } = await setUp(writeTool(undefined), async () => {
      caller.abort(new Error('the caller left'));
      throw new Error('cut');
    }, { body: 'done' });
    await expect(toolbox.call({ name: 'ticket_write', argumentsJson: '{"id":"7"}', requestId: 'r-1', ref: 'tool-1', caller: clerk }, caller.signal)).rejects.toThrow('the caller left');
    expect(await call({ id: '7' }, { ref: 'tool-2' })).toMatchObject({ failure: 'refused', reason: expect.stringContaining('a person must look') });
    expect(transport.requests).toHaveLength(1);
    expect(await events()).toEqual(['started', 'unknown', 'refused']);
  });

  it('is not sent by a try whose claim another one has taken over meanwhile', async () => {
    const { rig } = await setUp(writeTool(undefined));
    const ledger = createEffectLedger(createSqlIdempotencyStore(rig.database, { leaseMs: 1_000 }));
    const effect = { owner: { tenant: 'shop', subject: 'kim' }, requestId: 'r-1', ref: 'tool-1', digest: 'd' };
    const first = await ledger.begin(effect);
    rig.clock.advance(1_000);
    const second = await ledger.begin(effect);
    if (first.kind !== 'fresh' || second.kind !== 'fresh') throw new Error('nobody has started');
    await expect(ledger.start(first.claim)).rejects.toThrow('the claim on the write was lost before it was made');
    await ledger.start(second.claim);
  });

  it('has another key for the same name that somebody else vouched for: the tool would take it for a repetition', async () => {
    const keys = await Promise.all([undefined, 'keys', 'issuer https://id.example.com'].map(async (authority) => {
      const { call, transport } = await setUp(writeTool(undefined), { body: 'done' });
      await call({ id: '7' }, { caller: { ...clerk, ...(authority === undefined ? {} : { authority }) } });
      return transport.requests[0]?.headers['idempotency-key'];
    }));
    expect(new Set(keys).size).toBe(3);
  });

  it.each<[string, Answer]>([
    ['the tool itself', { status: 500 }],
    ['nobody', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
  ])('to which %s said no may be asked for again', async (_name, answer) => {
    const { call, transport } = await setUp(writeTool(undefined), answer, { body: 'done' });
    expect(await call({ id: '7' })).toMatchObject({ failure: 'error' });
    expect(await call({ id: '7' }, { ref: 'tool-2' })).toMatchObject({ kind: 'ok' });
    expect(transport.requests).toHaveLength(2);
  });

  it('is made once when many ask at the same time', async () => {
    const { call, transport } = await setUp(writeTool(undefined), { body: 'done' });
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => call({ id: '7' })));
    expect(transport.requests).toHaveLength(1);
    expect(results.filter((result) => result.status === 'fulfilled' && result.value.kind === 'ok').length).toBeGreaterThanOrEqual(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(WriteInFlight);
    expect(await call({ id: '7' })).toEqual({ kind: 'ok', content: 'done' });
  });

  it('that another try is making is neither refused nor made: whoever asks learns when to ask again', async () => {
    const { call, transport, open, events, rig } = await setUp(writeTool(undefined, { idempotent: true }), () => new Promise(() => {}), { body: 'done' });
    void call({ id: '7' }).catch(() => undefined);
    while (transport.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await expect(call({ id: '7' }, { box: open() })).rejects.toMatchObject({ name: 'WriteInFlight', retryAfterMs: 60_000 });
    expect([transport.requests.length, await events()]).toEqual([1, ['started']]);
    // The first try was lost with its process.
    rig.clock.advance(60_001);
    expect(await call({ id: '7' }, { box: open() })).toEqual({ kind: 'ok', content: 'done' });
    expect(new Set(transport.requests.map((request) => request.headers['idempotency-key'])).size).toBe(1);
  });

  it.each([
    [undefined, { kind: 'failed', failure: 'refused', reason: 'the same write was begun before, and how it ended is not known; a person must look' }, 1],
    [true, { kind: 'ok', content: 'done' }, 2],
  ])('whose end is not known is made again only when it is idempotent (%s)', async (idempotent, second, sent) => {
    const { call, transport, clock, events } = await setUp(writeTool(undefined, idempotent === undefined ? {} : { idempotent }), () => new Promise(() => {}), { body: 'done' });
    const running = call({ id: '7' });
    while (transport.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    expect(await running).toMatchObject({ failure: 'timeout' });
    expect(await call({ id: '7' })).toEqual(second);
    expect(transport.requests).toHaveLength(sent);
    expect((await events()).slice(0, 2)).toEqual(['started', 'unknown']);
  });

  it('is not made when it cannot be put on record', async () => {
    const { transport, rig } = await setUp(writeTool(undefined));
    const broken = { append: () => Promise.reject(new Error('disk full')) };
    const gate = createWriteGate({ approvals: createSqlApprovalStore(rig.database), audit: broken, ledger: createEffectLedger(createSqlIdempotencyStore(rig.database)), policyVersion: 'support@r1' });
    const toolbox = createToolbox({ tools: [writeTool(undefined)], clock: createFakeClock(), transport, observe: () => {}, writes: 'live', writeGate: gate });
    await expect(toolbox.call({ name: 'ticket_write', argumentsJson: '{"id":"7"}', requestId: 'r', ref: 'tool-1', caller: clerk }, new AbortController().signal)).rejects.toThrow('disk full');
    expect(transport.requests).toHaveLength(0);
  });
});

describe('a write that needs an approval', () => {
  const before = { approval: { when: 'Always' as const, timeoutMs: 60_000, before: { tool: 'ticket_read', arguments: '{id: id}' } } };

  it('waits with the change that it would make, once however often it is asked for', async () => {
    const { call, transport, approvals, events } = await setUp(writeTool(before), { body: '{"id":"7","state":"open","owner":"kim"}' });
    const first = await call({ id: '7', state: 'closed' });
    expect(first).toMatchObject({ kind: 'pending', reason: expect.stringContaining('was not made'), approval: { tool: 'ticket_write', diff: [{ path: '/state', from: 'open', to: 'closed' }] } });
    const again = await call({ id: '7', state: 'closed' }, { requestId: 'r-2' });
    expect(again).toEqual(first);
    expect(transport.requests.map(({ method }) => method)).toEqual(['GET']);
    expect((await approvals.list('shop', { limit: 10 })).items).toHaveLength(1);
    expect(await events()).toEqual(['approval-requested', 'approval-requested']);
  });

  it('waits without a comparison where its arguments do not fit the expression that reads', async () => {
    const unfitting = { approval: { ...before.approval, before: { tool: 'ticket_read', arguments: "{id: join('-', id)}" } } };
    const { call, transport } = await setUp(writeTool(unfitting), { body: '{"id":"7"}' });
    expect(await call({ id: '7', state: 'closed' })).toMatchObject({ kind: 'pending', approval: { diff: [{ path: '/id', to: '7' }, { path: '/state', to: 'closed' }] } });
    expect(transport.requests).toHaveLength(0);
  });

  it('is made when it is approved, once, by whoever asks for the same', async () => {
    const { call, transport, approvals, events, toolbox } = await setUp(writeTool(always), { body: 'done' });
    const waiting = await call({ id: '7', state: 'closed' });
    const id = waiting.kind === 'pending' ? waiting.approval.id : '';
    expect(await approvals.decide(id, 'shop', { decision: 'approved', by: 'kim' }, onRecord)).toEqual({ outcome: 'own' });
    await approvals.decide(id, 'shop', { decision: 'approved', by: 'lee' }, onRecord);
    expect(await call({ id: '7', state: 'reopened' }, { ref: 'tool-9' })).toMatchObject({ kind: 'pending' });
    expect(await call({ id: '7', state: 'closed' }, { ref: 'tool-9', caller: { ...clerk, subject: 'mallory' } })).toMatchObject({ kind: 'pending' });
    const approval = await approvals.get(id, 'shop');
    const made = approval && approvedCall(approval, { ...clerk, roles: [] });
    expect(made).toMatchObject({ name: 'ticket_write', requestId: 'r-1', ref: 'tool-1', argumentsJson: '{"id":"7","state":"closed"}' });
    expect(made && (await toolbox.call(made, new AbortController().signal))).toEqual({ kind: 'ok', content: 'done' });
    expect(made && (await toolbox.call(made, new AbortController().signal))).toEqual({ kind: 'ok', content: 'done' });
    expect(await call({ id: '7', state: 'closed' }, { requestId: 'r-3' })).toMatchObject({ kind: 'pending' });
    expect(transport.requests).toHaveLength(1);
    expect(await events()).toEqual(['approval-requested', 'approval-requested', 'approval-requested', 'approval-used', 'started', 'succeeded', 'replayed', 'approval-requested']);
  });

  it('is refused to the second of two that find the same approval', async () => {
    const { rig, call, transport, approvals, audit, clock } = await setUp(writeTool(always), { body: 'done' });
    const waiting = await call({ id: '7' });
    await approvals.decide(waiting.kind === 'pending' ? waiting.approval.id : '', 'shop', { decision: 'approved', by: 'lee' }, onRecord);
    const late = createWriteGate({ approvals: { ...approvals, use: async () => 'not-approved' }, audit, ledger: createEffectLedger(createSqlIdempotencyStore(rig.database)), policyVersion: 'support@r1' });
    const box = createToolbox({ tools: [writeTool(always)], clock, transport, observe: () => {}, writes: 'live', writeGate: late });
    expect(await call({ id: '7' }, { box })).toEqual({ kind: 'failed', failure: 'refused', reason: 'the approval of this write was used already' });
    expect(transport.requests).toEqual([]);
  });

  it('is refused when a person said no', async () => {
    const { call, transport, approvals } = await setUp(writeTool(always));
    const waiting = await call({ id: '7' });
    await approvals.decide(waiting.kind === 'pending' ? waiting.approval.id : '', 'shop', { decision: 'rejected', by: 'lee', reason: 'too early' }, onRecord);
    expect(await call({ id: '7' })).toEqual({ kind: 'failed', failure: 'refused', reason: 'a person did not approve this write; do not try it again' });
    expect(transport.requests).toHaveLength(0);
  });

  it('is not made with an approval that came too late', async () => {
    const { call, transport, approvals, rig } = await setUp(writeTool(always));
    const waiting = await call({ id: '7' });
    await approvals.decide(waiting.kind === 'pending' ? waiting.approval.id : '', 'shop', { decision: 'approved', by: 'lee' }, onRecord);
    rig.clock.advance(60_001);
    expect(await call({ id: '7' })).toMatchObject({ kind: 'failed', reason: 'the approval of this write is expired' });
    expect(transport.requests).toHaveLength(0);
  });

  it('needs it only when its arguments match the rule', async () => {
    const matching = { approval: { when: 'Matching' as const, timeoutMs: 60_000, arguments: { type: 'object', properties: { amount: { type: 'number', exclusiveMinimum: 100 } }, required: ['amount'] } } };
    const { call, transport } = await setUp(writeTool(matching), { body: 'done' });
    expect(await call({ id: '7', amount: 100 })).toMatchObject({ kind: 'ok' });
    expect(await call({ id: '7', amount: 101 }, { ref: 'tool-2' })).toMatchObject({ kind: 'pending' });
    expect(transport.requests).toHaveLength(1);
  });

  it('is refused where no gate is set up', async () => {
    const transport = createFakeTransport();
    const toolbox = createToolbox({ tools: [writeTool(always)], clock: createFakeClock(), transport, observe: () => {}, writes: 'live' });
    expect(await toolbox.call({ name: 'ticket_write', argumentsJson: '{"id":"7"}', requestId: 'r', ref: 'tool-1' }, new AbortController().signal)).toMatchObject({ failure: 'refused', reason: 'this write needs rules that are not set up here' });
    expect(transport.requests).toHaveLength(0);
  });
});
