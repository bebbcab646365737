import type { AgentDeployment, Release } from '@sluice/crds';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, status } from '../../kube/src/testing/scripted-server.ts';
import { FakeCluster } from './fixtures/fake-cluster.ts';
import { recorded } from './fixtures/recorded-surroundings.ts';
import { agentOf, healthyStatus, progressingStatus, promoted, releaseOf, rolledBack, shifting } from './fixtures/views.ts';
import { run } from './run.ts';

let cluster: FakeCluster | undefined;

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

async function start(agent: AgentDeployment | undefined, releases: readonly Release[] = []) {
  cluster = await FakeCluster.start(agent, releases);
  return { cluster, ...recorded({ env: { KUBECONFIG: cluster.kubeconfig } }) };
}

describe('status', () => {
  it.each([
    ['healthy', agentOf(healthyStatus), 0],
    ['degraded', agentOf({ ...healthyStatus, phase: 'Degraded' }), 1],
    ['progressing', agentOf(progressingStatus), 2],
  ] as const)('ends with the code of an agent that is %s', async (phase, agent, code) => {
    const { surroundings, stdout } = await start(agent, [promoted]);
    expect(await run(['status', 'support'], surroundings)).toBe(code);
    expect(stdout().toLowerCase()).toContain(`support in demo: ${phase}`);
  });

  it('says that an agent does not exist', async () => {
    const { surroundings, stdout, stderr } = await start(undefined);
    expect(await run(['status', 'support', '-n', 'demo'], surroundings)).toBe(1);
    expect(stdout()).toBe('');
    expect(stderr()).toContain('There is no AgentDeployment "support" in namespace "demo"');
  });

  it('leaves out the releases of others', async () => {
    const { surroundings, stdout } = await start(agentOf(healthyStatus), [promoted, releaseOf(9, 'r9', {}, 'sales')]);
    expect(await run(['status', 'support'], surroundings)).toBe(0);
    expect(stdout()).not.toContain('sales-9');
  });

  it('asks for what belongs to the agent only, and for the leases of operators', async () => {
    const { surroundings, cluster: api } = await start(agentOf(healthyStatus));
    await run(['status', 'support'], surroundings);
    const asked = api.server.requests.map(({ method, path, query }) => [method, path.split('/').at(-1), query.get('labelSelector')]);
    const selector = 'sluice.dev/agent=support';
    expect(asked.slice(0, 2)).toEqual([['GET', 'releases', selector], ['GET', 'support', null]]);
    expect(new Set(asked.slice(2).map((parts) => parts.join(' ')))).toEqual(new Set([...['horizontalpodautoscalers', 'httproutes', 'pods'].map((kind) => `GET ${kind} ${selector}`), 'GET leases sluice.dev/operator']));
  });
});

describe('status for programs', () => {
  it('is JSON with the outcome as a word', async () => {
    const { surroundings, stdout, cluster: api } = await start(agentOf(progressingStatus), [promoted, releaseOf(3, 'r3', { phase: 'AwaitingApproval' })]);
    api.lists.set('pods', [{ kind: 'Pod', metadata: { name: 'support-r1-a', labels: { 'sluice.dev/revision': 'r1' } }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }, { kind: 'Pod', metadata: { name: 'of-an-evaluation', labels: { 'batch.kubernetes.io/job-name': 'x' } } }]);
    expect(await run(['status', 'support', '-o', 'json'], surroundings)).toBe(3);
    const document = JSON.parse(stdout()) as { readonly pods: readonly object[] };
    expect(document.pods).toHaveLength(1);
    expect(document).toMatchObject({
      namespace: 'demo', name: 'support', outcome: 'AwaitingApproval', status: { phase: 'Progressing' },
      release: { name: 'support-3', revision: 'r3', stableRevision: 'r1', status: { phase: 'AwaitingApproval' } },
      pods: [{ name: 'support-r1-a', revision: 'r1', phase: 'Running', ready: true }],
    });
  });

  it('of the history is a list', async () => {
    const { surroundings, stdout } = await start(agentOf(healthyStatus), [promoted, rolledBack]);
    expect(await run(['history', 'support', '--output', 'json'], surroundings)).toBe(0);
    expect(JSON.parse(stdout())).toMatchObject([{ release: 'support-2', verdict: 'RolledBack', activeMilliseconds: 65_000 }, { release: 'support-1', cause: 'SpecChanged' }]);
  });
});

describe('status without the right to list pods', () => {
  it('shows the rest', async () => {
    const { surroundings, stdout, cluster: api } = await start(agentOf(healthyStatus), [promoted]);
    api.forbidden.add('pods').add('horizontalpodautoscalers');
    expect(await run(['status', 'support'], surroundings)).toBe(0);
    expect(stdout()).toContain('Not shown, because you may not list them: pods, horizontalpodautoscalers');
  });
});

describe('status --watch', () => {
  it('ends after --timeout with the code of the moment', async () => {
    const { surroundings, stdout } = await start(agentOf(progressingStatus), [promoted, releaseOf(3, 'r3', { phase: 'AwaitingApproval' })]);
    expect(await run(['status', 'support', '--watch', '--timeout', '300ms'], surroundings)).toBe(3);
    expect(stdout()).toContain('AwaitingApproval');
  });

  it('draws again on every change, and ends with the release', async () => {
    const { surroundings, stdout, cluster: api } = await start(agentOf(progressingStatus), [promoted, shifting]);
    const ended = run(['status', 'support', '--watch'], surroundings);
    await vi.waitFor(() => {
      expect(stdout()).toContain('Step 1 of 2');
      expect(api.openWatches).toBe(2);
    }, { timeout: 10_000 });
    api.setRelease({ ...shifting, status: { ...shifting.status, step: 1 } });
    await vi.waitFor(() => expect(stdout()).toContain('Step 2 of 2'), { timeout: 10_000 });
    api.setRelease({ ...shifting, status: { ...shifting.status, phase: 'Promoted' } });
    api.setAgent(agentOf({ ...healthyStatus, revision: 'r3', stable: { ...healthyStatus.stable!, revision: 'r3' } }));
    expect(await ended).toBe(0);
    expect(stdout()).toContain('support in demo: Healthy');
    await vi.waitFor(() => expect(api.openWatches).toBe(0), { timeout: 10_000 });
  });

  it('ends at once when nothing is on its way', async () => {
    const { surroundings, stdout } = await start(agentOf({ ...healthyStatus, phase: 'Degraded', revision: 'r2' }), [promoted, rolledBack]);
    expect(await run(['status', 'support', '-w'], surroundings)).toBe(1);
    expect(stdout().match(/in demo/g)).toHaveLength(1);
  });

  it('ends with 130 after Ctrl-C', async () => {
    const { surroundings, stdout, stderr, interrupt } = await start(agentOf(progressingStatus), [shifting]);
    const ended = run(['status', 'support', '--watch'], surroundings);
    await vi.waitFor(() => expect(stdout()).toContain('Progressing'), { timeout: 10_000 });
    interrupt.abort(new Error('received SIGINT'));
    expect(await ended).toBe(130);
    expect(stderr()).toBe('');
  });

  it('does not wait for an agent that does not exist', async () => {
    const { surroundings } = await start(undefined);
    expect(await run(['status', 'support', '--watch'], surroundings)).toBe(1);
  });
});

describe('history', () => {
  it('shows the releases', async () => {
    const { surroundings, stdout } = await start(agentOf(healthyStatus), [promoted, rolledBack]);
    expect(await run(['history', 'support'], surroundings)).toBe(0);
    expect(stdout().split('\n').map((line) => line.split(' ')[0])).toEqual(['NAME', 'support-2', 'support-1', '']);
  });

  it('says that there is none', async () => {
    const { surroundings, stdout } = await start(agentOf(undefined));
    expect(await run(['history', 'support'], surroundings)).toBe(0);
    expect(stdout()).toContain('has no release yet');
  });

  it('says that an agent does not exist', async () => {
    const { surroundings, stderr } = await start(undefined);
    expect(await run(['history', 'support'], surroundings)).toBe(1);
    expect(stderr()).toContain('There is no AgentDeployment "support"');
  });
});

describe('explain', () => {
  it('writes the answer, a paragraph in lines, and the commands that can be used', async () => {
    const { surroundings, stdout } = await start(agentOf(progressingStatus), [promoted, shifting]);
    expect(await run(['explain', 'support'], surroundings)).toBe(0);
    const lines = stdout().split('\n');
    expect(lines.slice(0, 2)).toEqual(['support-3 waits for success and latency to pass.', '']);
    expect(lines[2]).toMatch(/^Release support-3 brings revision r3 of support in place of r1; it began/);
    expect(lines.at(-2)).toMatch(/^ {2}kubectl sluice promote --full support -n demo +give it all the traffic/);
    expect(lines.slice(0, lines.lastIndexOf('', -2)).every((line) => line.length <= 100)).toBe(true);
  });

  it('names the context in the commands, for programs too', async () => {
    const { surroundings, stdout } = await start(agentOf(progressingStatus), [promoted, shifting]);
    expect(await run(['explain', 'support', '-o', 'json', '--context', 'fake'], surroundings)).toBe(0);
    const { release, commands } = JSON.parse(stdout()) as { readonly release: object; readonly commands: readonly { readonly command: string }[] };
    expect(release).toEqual({ name: 'support-3', revision: 'r3', phase: 'Shifting', reason: 'EvaluationsPassed' });
    expect(commands.at(-1)?.command).toBe('kubectl sluice promote --full support -n demo --context fake');
  });

  it('says that an agent does not exist', async () => {
    const { surroundings, stderr } = await start(undefined);
    expect(await run(['explain', 'support'], surroundings)).toBe(1);
    expect(stderr()).toContain('There is no AgentDeployment "support"');
  });
});

describe('a cluster that cannot be asked ends with 69 and one line', () => {
  it.each([
    [401, 'Unauthorized', 'log in again'],
    [403, 'Forbidden', 'ask for the right to get, list and watch'],
    [404, 'NotFound', 'install Sluice'],
  ])('%d', async (code, reason, says) => {
    const { surroundings, stderr, cluster: api } = await start(agentOf(healthyStatus));
    api.server.script((_request, response) => answer(response, code, status(code, reason, 'no')));
    expect(await run(['status', 'support'], surroundings)).toBe(69);
    expect(stderr()).toContain(says);
    expect(stderr()).not.toContain('a-token-of-a-test');
    expect(stderr().trimEnd().split('\n')).toHaveLength(1);
  });

  it('an unknown context', async () => {
    const { surroundings, stderr } = await start(undefined);
    expect(await run(['history', 'support', '--context', 'prod'], surroundings)).toBe(69);
    expect(stderr()).toContain("has no context 'prod'; it has: fake");
  });

  it('no kubeconfig', async () => {
    const { surroundings, stderr } = recorded();
    expect(await run(['status', 'support', '--kubeconfig', '/nowhere/config'], surroundings)).toBe(69);
    expect(stderr()).toContain("cannot read kubeconfig '/nowhere/config'");
  });
});
