import { type Clock, systemClock } from '@sluice/kube';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeCluster } from './fixtures/fake-cluster.ts';
import { recorded } from './fixtures/recorded-surroundings.ts';
import { agentOf, healthyStatus, leaseOf, promoted, shifting } from './fixtures/views.ts';
import { namesIn } from './lease-names.ts';
import { run } from './run.ts';

let cluster: FakeCluster | undefined;

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

const unseen = 'Whether the operator runs could not be seen';

async function start(releases = [promoted, shifting]) {
  cluster = await FakeCluster.start(agentOf(healthyStatus), releases);
  return { api: cluster, ...recorded({ env: { KUBECONFIG: cluster.kubeconfig } }) };
}

/** `status` in both forms, and `explain`. */
const looks = ['status support', 'status support -o json', 'explain support'].map((line) => ({ line, words: line.split(' ') }));

describe('whether the operator runs', () => {
  const renewed = Date.parse('2026-03-01T10:00:00Z');
  const hour = 3_600_000;

  it.each(looks.flatMap(({ line, words }) => [
    [line, 'an hour fast, and the operator lives', renewed + 2_000, hour, false, words],
    [line, 'an hour slow, and the operator lives', renewed + 2_000, -hour, false, words],
    [line, 'an hour slow, and the operator died five minutes ago', renewed + 300_000, -hour, true, words],
    [line, 'right, and the operator died five minutes ago', renewed + 300_000, 0, true, words],
  ] as const))('is judged by the clock of the API server in "%s" where that of the laptop is %s', async (_line, _title, served, ahead, gone, words) => {
    const { api, surroundings, stdout } = await start();
    api.lists.set('leases', [leaseOf(new Date(renewed).toISOString())]);
    api.now = () => served;
    const clock: Clock = { ...systemClock, now: () => served + ahead };
    await run(words, { ...surroundings, clock });
    expect(stdout().includes('The operator does not run')).toBe(gone);
    if (gone) expect(stdout()).toMatch(/\((5m|4m59s|5m1s) ago\)/);
  });
});

describe('who may not list leases', () => {
  it.each(looks)('is told that it could not be seen, while something waits for the operator: $line', async ({ words }) => {
    const { api, surroundings, stdout } = await start();
    api.forbidden.add('leases');
    await run(words, surroundings);
    expect(stdout().replaceAll('\n', ' ')).toContain(`${unseen}, as you may not list its Lease in all namespaces: an administrator lets you by rbac.operatorSeenBy of the chart`);
  });

  it.each(looks)('is told nothing of it while nothing waits: $line', async ({ words }) => {
    const { api, surroundings, stdout } = await start([promoted]);
    api.forbidden.add('leases');
    await run(words, surroundings);
    expect(stdout()).not.toContain(unseen);
  });

  it.each(looks)('is told that it does not run where he may list that lease by its name: $line', async ({ words }) => {
    const { api, surroundings, stdout } = await start();
    api.forbidden.add('leases');
    api.listedByName.add('sluice-operator');
    api.rules = [{ verbs: ['list'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['sluice-operator'] }];
    api.lists.set('leases', [leaseOf('2026-03-01T10:00:00Z')]);
    await run(words, surroundings);
    expect(stdout()).toContain('The operator does not run');
    expect(stdout()).not.toContain(unseen);
  });

  it('and may list it in his own namespace alone, is told that it could not be seen', async () => {
    const { api, surroundings, stdout } = await start();
    api.forbidden.add('leases');
    api.rules = [{ verbs: ['list'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['sluice-operator'] }];
    await run(['status', 'support'], surroundings);
    expect(stdout()).toContain(unseen);
  });
});

describe('the names of leases in the rules of a user', () => {
  const rule = { verbs: ['list'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['a'] };

  it.each<[string, Parameters<typeof namesIn>[0], readonly string[]]>([
    ['are taken once', [rule, { ...rule, resourceNames: ['b', 'a'] }], ['a', 'b']],
    ['are none where the rule names none', [{ ...rule, resourceNames: [] }, { verbs: ['list'], apiGroups: rule.apiGroups, resources: rule.resources }], []],
    ['are none of another verb', [{ ...rule, verbs: ['get'] }], []],
    ['are none of another kind', [{ ...rule, resources: ['events'] }], []],
    ['are none of another group', [{ ...rule, apiGroups: [''] }], []],
    ['are sixteen at the most', [{ ...rule, resourceNames: Array.from({ length: 40 }, (_, index) => `l${index}`) }], Array.from({ length: 16 }, (_, index) => `l${index}`)],
  ])('%s', (_title, rules, names) => {
    expect(namesIn(rules)).toEqual(names);
  });
});
