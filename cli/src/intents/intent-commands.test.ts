import type { AgentDeployment, IntentVerb, Release } from '@sluice/crds';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, status } from '../../../kube/src/testing/scripted-server.ts';
import { FakeCluster } from '../fixtures/fake-cluster.ts';
import { recorded } from '../fixtures/recorded-surroundings.ts';
import { agentOf, at, healthyStatus, leaseOf, progressingStatus, promoted, releaseOf, rolledBack, shifting } from '../fixtures/views.ts';
import { run } from '../run.ts';

let cluster: FakeCluster | undefined;

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

const stepping: Release = { ...shifting, status: { ...shifting.status, stepStartedAt: at(40) } };
const secondPromoted = releaseOf(2, 'r2', { ...promoted.status, startedAt: at(-1_000), finishedAt: at(-900) });
const underway = { agent: agentOf(progressingStatus), releases: [promoted, stepping] };

interface Given {
  readonly agent: AgentDeployment | undefined;
  readonly releases?: readonly Release[];
  /** What the operator says; not set: nothing. */
  readonly says?: 'Accepted' | 'Refused';
}

async function start({ agent, releases = [], says }: Given) {
  const api = await FakeCluster.start(agent, releases);
  cluster = api;
  api.onIntent = ({ ...release }) => {
    const { intent } = release.spec;
    if (says === undefined || intent === undefined) return;
    const handledIntent = { verb: intent.verb, requestId: intent.requestId, at: at(0), outcome: says, message: says === 'Accepted' ? 'as you like' : `${intent.verb} was refused: not today` };
    api.setRelease({ ...release, status: { ...release.status, handledIntent } });
  };
  return { api, ...recorded({ env: { KUBECONFIG: api.kubeconfig } }) };
}

function patchesOf(api: FakeCluster) {
  return api.server.requests.filter(({ method }) => method === 'PATCH').map(({ path, body, headers }) => ({ name: path.split('/').at(-1), type: headers['content-type'], operations: JSON.parse(body) as unknown }));
}

describe('a wish is written to the right release, and the answer is printed', () => {
  const paused = { ...stepping, status: { ...stepping.status, phase: 'Paused' as const, stop: { phase: 'Shifting' as const, since: at(0) } } };
  const failed = agentOf({ ...healthyStatus, phase: 'Degraded', revision: 'r2' });

  it.each<readonly [string, readonly string[], Given, { readonly verb: IntentVerb; readonly release: string; readonly revision: string }]>([
    ['promote', ['promote'], underway, { verb: 'Promote', release: 'support-3', revision: 'r3' }],
    ['promote --full', ['promote', '--full'], underway, { verb: 'PromoteFull', release: 'support-3', revision: 'r3' }],
    ['abort', ['abort'], underway, { verb: 'Abort', release: 'support-3', revision: 'r3' }],
    ['pause', ['pause'], underway, { verb: 'Pause', release: 'support-3', revision: 'r3' }],
    ['resume', ['resume'], { ...underway, releases: [promoted, paused] }, { verb: 'Resume', release: 'support-3', revision: 'r3' }],
    ['skip', ['skip'], underway, { verb: 'Skip', release: 'support-3', revision: 'r3' }],
    ['retry', ['retry'], { agent: failed, releases: [promoted, rolledBack] }, { verb: 'Retry', release: 'support-2', revision: 'r2' }],
    ['undo', ['undo'], { agent: agentOf({ ...healthyStatus, revision: 'r2' }), releases: [promoted, secondPromoted] }, { verb: 'Undo', release: 'support-2', revision: 'r2' }],
  ])('%s', async (_title, [command = '', ...more], given, { verb, release, revision }) => {
    const { surroundings, stdout, stderr, api } = await start({ ...given, says: 'Accepted' });
    expect(await run([command, 'support', ...more], surroundings)).toBe(0);
    expect(stdout()).toBe(`${release}, revision ${revision}: ${verb} accepted: as you like\n`);
    expect(stderr()).toBe(`${release}, revision ${revision}: ${verb} is asked; waiting for the operator's answer\n`);
    expect(patchesOf(api)).toEqual([{
      name: release,
      type: 'application/json-patch+json',
      operations: [{ op: 'test', path: '/spec/revision', value: revision }, { op: 'add', path: '/spec/intent', value: { verb, revision, requestId: 'request-1', by: 'jane', ...(verb === 'Retry' ? { toRevision: given.agent?.status?.revision } : {}), ...(verb === 'Promote' || verb === 'Skip' ? { step: 0 } : {}) } }],
    }]);
  });

  it('promote of what its objectives could not decide says first that it is not proven', async () => {
    const open = releaseOf(3, 'r3', { phase: 'AwaitingApproval', approval: { requestedAt: at(50), cause: 'Inconclusive' }, objectives: [{ name: 'success', verdict: 'Pass', message: '' }, { name: 'p95', verdict: 'NotMeasured', message: '' }] });
    const { surroundings, stderr, api } = await start({ agent: agentOf(progressingStatus), releases: [promoted, open], says: 'Accepted' });
    let saidBefore = '';
    const answered = api.onIntent;
    api.onIntent = (release) => {
      saidBefore = stderr();
      answered(release);
    };
    expect(await run(['promote', 'support'], surroundings)).toBe(0);
    expect(saidBefore).toBe(`${stderr().split('\n')[0]}\n`);
    expect(stderr().split('\n')[0]).toBe('support-3, revision r3: its objectives could not decide in time, so this gives all the traffic to what is NOT proven: p95 says NotMeasured');
  });

  it('approves what comes after the last step', async () => {
    const waiting = releaseOf(3, 'r3', { phase: 'AwaitingApproval', step: 1, approval: { requestedAt: at(50), cause: 'Required' } });
    const { surroundings, api } = await start({ agent: agentOf(progressingStatus), releases: [promoted, waiting], says: 'Accepted' });
    expect(await run(['promote', 'support'], surroundings)).toBe(0);
    expect(patchesOf(api)[0]?.operations).toContainEqual({ op: 'add', path: '/spec/intent', value: { verb: 'Promote', revision: 'r3', requestId: 'request-1', by: 'jane', step: 2 } });
  });

  it('with a note and a revision to go back to', async () => {
    const { surroundings, api } = await start({ agent: agentOf({ ...healthyStatus, revision: 'r2' }), releases: [promoted, secondPromoted], says: 'Accepted' });
    expect(await run(['undo', 'support', '--to-revision', 'r1', '--note', 'prices are wrong'], surroundings)).toBe(0);
    expect(patchesOf(api)[0]?.operations).toContainEqual({ op: 'add', path: '/spec/intent', value: { verb: 'Undo', revision: 'r2', requestId: 'request-1', by: 'jane', note: 'prices are wrong', toRevision: 'r1' } });
  });

  it('takes the place of an open wish only as it was read', async () => {
    const open: Release = { ...stepping, spec: { ...stepping.spec, intent: { verb: 'Promote', revision: 'r3', requestId: 'before', by: 'joe' } } };
    const { surroundings, api } = await start({ agent: agentOf(progressingStatus), releases: [promoted, open], says: 'Accepted' });
    expect(await run(['abort', 'support'], surroundings)).toBe(0);
    expect(patchesOf(api)[0]?.operations).toContainEqual({ op: 'test', path: '/spec/intent/requestId', value: 'before' });
  });

  it('without waiting', async () => {
    const { surroundings, stdout } = await start(underway);
    expect(await run(['pause', 'support', '--no-wait'], surroundings)).toBe(0);
    expect(stdout()).toContain('Pause is asked; the answer will be in status.handledIntent, request request-1');
  });
});

describe('what cannot be is refused with a reason, and nothing is written', () => {
  it.each<readonly [string, readonly string[], Given, string]>([
    ['no agent', ['abort', 'support'], { agent: undefined }, 'There is no AgentDeployment "support"'],
    ['no release', ['abort', 'support'], { agent: agentOf(undefined) }, '"support" has no release yet'],
    ['nothing on its way', ['abort', 'support'], { agent: agentOf(healthyStatus), releases: [promoted] }, 'Abort of support-1 is not possible: the release has ended (Promoted)'],
    ['a revision that is gone', ['promote', 'support', '--revision', 'r2'], underway, 'it names revision r2, and this release is of revision r3'],
    ['nothing is paused', ['resume', 'support'], underway, 'Resume of support-3 is not possible: the release is Shifting'],
    ['nothing has failed', ['retry', 'support'], { agent: agentOf(healthyStatus), releases: [promoted] }, 'Retry of support-1 is not possible'],
    ['nothing was promoted', ['undo', 'support'], { agent: agentOf(progressingStatus), releases: [stepping] }, 'no revision of "support" was promoted yet'],
    ['nothing to go back to', ['undo', 'support'], { agent: agentOf(healthyStatus), releases: [promoted] }, 'there is no earlier revision to go back to'],
    ['a revision that was never promoted', ['undo', 'support', '--to-revision', 'r9'], { agent: agentOf(healthyStatus), releases: [promoted, secondPromoted] }, 'revision r9 cannot be brought back'],
    [
      'a wish of somebody else', ['skip', 'support'],
      { agent: agentOf(progressingStatus), releases: [promoted, { ...stepping, spec: { ...stepping.spec, intent: { verb: 'Promote', revision: 'r3', requestId: 'x', by: 'joe' } } }] },
      'Promote, asked by joe, is not answered yet',
    ],
  ])('%s', async (_title, args, given, says) => {
    const { surroundings, stdout, stderr, api } = await start({ ...given, says: 'Accepted' });
    expect(await run(args, surroundings)).toBe(1);
    expect(stdout()).toBe('');
    expect(stderr()).toContain(says);
    expect(stderr().trimEnd().split('\n')).toHaveLength(1);
    expect(patchesOf(api)).toEqual([]);
  });
});

describe('an answer that is none', () => {
  it('of an operator that refuses ends with 1', async () => {
    const { surroundings, stdout, stderr } = await start({ ...underway, says: 'Refused' });
    expect(await run(['promote', 'support'], surroundings)).toBe(1);
    expect(stdout()).toBe('');
    expect(stderr()).toContain('support-3, revision r3: Promote was refused: not today');
  });

  it('of an operator that does not run ends with 75', async () => {
    const { surroundings, stderr } = await start(underway);
    expect(await run(['pause', 'support', '--timeout', '200ms'], surroundings)).toBe(75);
    expect(stderr()).toContain('the operator did not answer Pause of support-3 within');
    expect(stderr()).toContain('does not run, does not watch this namespace, or is older');
  });

  it('of an operator whose lease has run out says since when it does not run', async () => {
    const { surroundings, stderr, api } = await start(underway);
    api.lists.set('leases', [leaseOf(at(-600))]);
    api.now = () => Date.parse(at(0));
    expect(await run(['pause', 'support', '--timeout', '200ms'], surroundings)).toBe(75);
    expect(stderr()).toMatch(/did not answer Pause of support-3 within 0s: it does not run \(its lease sluice-system\/sluice-operator, which it renews every two seconds, was renewed last at .* \((10m|10m1s|9m59s) ago\) by sluice-a\)\. The intent stands/);
  });

  it('of a suspended agent is not waited for: the intent stands', async () => {
    const agent = agentOf({ ...progressingStatus, phase: 'Suspended' });
    const { surroundings, stderr, api } = await start({ ...underway, agent: { ...agent, spec: { ...agent.spec, suspend: true } } });
    expect(await run(['pause', 'support'], surroundings)).toBe(75);
    expect(stderr()).toBe('kubectl sluice: "support" is suspended (spec.suspend), so the operator answers nothing of it now. Pause stands and is answered when spec.suspend is false again\n');
    expect(patchesOf(api)).toHaveLength(1);
  });

  it('because somebody else took its place ends with 1', async () => {
    const { surroundings, stderr, api } = await start(underway);
    api.onIntent = (release) => api.setRelease({ ...release, spec: { ...release.spec, intent: { verb: 'Abort', revision: 'r3', requestId: 'other', by: 'joe' } } });
    expect(await run(['pause', 'support'], surroundings)).toBe(1);
    expect(stderr()).toContain('Pause was not answered before joe asked for Abort');
  });

  it('after Ctrl-C ends with 130', async () => {
    const { surroundings, api, interrupt } = await start(underway);
    api.onIntent = () => interrupt.abort(new Error('received SIGINT'));
    expect(await run(['pause', 'support'], surroundings)).toBe(130);
  });
});

describe('a cluster that refuses the write', () => {
  it.each([
    ['a user without the role', 403, 'Forbidden', 'User "jane" cannot patch resource "releases"', 77, 'ask for the role approver of the chart (a ClusterRole whose name ends in -sluice-approver'],
    ['a policy', 403, 'Forbidden', "ValidatingAdmissionPolicy 'sluice-releases' with binding 'b' denied request: give each wish a new one", 1, "the cluster's policy refuses: give each wish a new one"],
    ['a release that is gone', 404, 'NotFound', 'no such release', 1, 'release support-3 is gone'],
    ['a release that changed', 422, 'Invalid', 'the server rejected our request: testing path /spec/revision failed: test failed', 1, 'release support-3 changed while you asked'],
    ['a broken server', 500, 'InternalError', 'oh', 69, 'oh'],
  ] as const)('%s', async (_title, code, reason, message, exit, says) => {
    const { surroundings, stderr, api } = await start(underway);
    api.refuse = (response) => answer(response, code, status(code, reason, message));
    expect(await run(['pause', 'support'], surroundings)).toBe(exit);
    expect(stderr()).toContain(says);
  });

  it('an older Sluice, which drops what it does not know', async () => {
    const { surroundings, stderr, api } = await start(underway);
    api.refuse = (response) => answer(response, 200, stepping);
    expect(await run(['pause', 'support'], surroundings)).toBe(69);
    expect(stderr()).toContain('older than intents');
  });
});
