import { afterEach, describe, expect, it } from 'vitest';
import { recordConfigMap } from '../../../operator/src/revision/record-config-map.ts';
import { sampleOwner, sampleRecord } from '../../../operator/src/revision/testing/sample-agent.ts';
import { FakeCluster } from '../fixtures/fake-cluster.ts';
import { recorded } from '../fixtures/recorded-surroundings.ts';
import { agentOf, healthyStatus, releaseOf } from '../fixtures/views.ts';
import { run } from '../run.ts';

const before = { ...sampleRecord({ agent: { model: { providerRef: { name: 'anthropic' }, name: 'small' } } }) };
const after = { ...sampleRecord({ agent: { model: { providerRef: { name: 'anthropic' }, name: 'large' } } }) };
const releases = [releaseOf(1, before.revision, { phase: 'Promoted' }), releaseOf(2, after.revision, { phase: 'AwaitingApproval' })];

let cluster: FakeCluster | undefined;

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

/** The records are those of namespace shop, as the operator stores them. */
async function ran(args: readonly string[], known = releases) {
  cluster = await FakeCluster.start(agentOf(healthyStatus), known);
  cluster.lists.set('configmaps', [before, after].map((record) => recordConfigMap(record, sampleOwner)));
  const { surroundings, stdout, stderr } = recorded({ env: { KUBECONFIG: cluster.kubeconfig } });
  const code = await run(['diff', 'support', ...args], surroundings);
  return { code, stdout: stdout(), stderr: stderr() };
}

describe('kubectl sluice diff', () => {
  const forward = `support: revision ${before.revision} -> ${after.revision}\nmodel: small -> large\n`;

  it.each([
    ['none', [], forward],
    ['one', [after.revision], forward],
    ['two', [after.revision, before.revision], `support: revision ${after.revision} -> ${before.revision}\nmodel: large -> small\n`],
    ['the one that serves', [before.revision], `support: revision ${before.revision} -> ${before.revision}\nnothing differs\n`],
  ])('with %s named', async (_title, args, stdout) => {
    expect(await ran(args)).toEqual({ code: 0, stdout, stderr: '' });
  });

  it.each([
    ['that is not stored', ['0000000000'], releases, 'revision 0000000000 of "support" is not stored (any more)'],
    ['while none serves', [], releases.slice(1), 'no revision of "support" was promoted yet'],
  ])('of a revision %s is refused', async (_title, args, known, says) => {
    const { code, stdout, stderr } = await ran(args, known);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(says);
  });
});
