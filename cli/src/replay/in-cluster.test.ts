import { gzipSync } from 'node:zlib';
import type { Release } from '@sluice/crds';
import { keptLine } from '@sluice/evals';
import { afterEach, describe, expect, it } from 'vitest';
import { exitCode } from '../exit-code.ts';
import { FakeCluster } from '../fixtures/fake-cluster.ts';
import { judgedRelease } from '../fixtures/judged-release.ts';
import { recorded } from '../fixtures/recorded-surroundings.ts';
import { run } from '../run.ts';

let cluster: FakeCluster | undefined;

afterEach(async () => {
  await cluster?.close();
  cluster = undefined;
});

function evaluated(verdict: 'Pass' | 'Fail'): Release {
  const release = judgedRelease({ canary: 1, stable: 1 });
  return { ...release, status: { ...release.status, evaluations: [{ suite: 'golden', attempt: 1, evalRun: 'support-2-golden', verdict, message: 'as recorded' }] } };
}

const lines = (names: readonly string[]): string => names.map((name) => `${keptLine({ case: name, repeat: 1, digest: 'sha256:1', verdict: 'Pass', score: 1, reason: '', hard: false, weight: 1, tags: [] })}\n`).join('');

async function replayed(release: Release, { kept = ['first'] }: { readonly kept?: readonly string[] } = {}) {
  cluster = await FakeCluster.start(undefined, [release]);
  const spec = { agentName: 'support', revision: 'new', release: 'support-2', suite: { name: 'golden', digest: 'd' }, minPassPercent: 100 };
  cluster.lists.set('evalruns', [{ apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalRun', metadata: { name: 'support-2-golden', namespace: 'demo' }, spec, status: { results: { chunks: 1, tail: lines(['second']), read: 2, complete: true } } }]);
  cluster.lists.set('configmaps', kept.length === 0 ? [] : [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'support-2-golden-results-0' }, binaryData: { 'results.jsonl.gz': gzipSync(lines(kept)).toString('base64') } }]);
  const { surroundings, stdout, stderr } = recorded({ env: { KUBECONFIG: cluster.kubeconfig } });
  return { code: await run(['replay', release.metadata.name], surroundings), stdout: stdout(), stderr: stderr() };
}

describe('replay RELEASE', () => {
  it('judges the gates and the kept results of the evaluations again', async () => {
    const { code, stdout } = await replayed(evaluated('Pass'));
    expect([code, stdout]).toEqual([exitCode.ok, expect.stringContaining('suite "golden" (support-2-golden): Pass, suite "golden": 2 of 2 cases passed, 100 % needed')]);
  });

  it('says that an evaluation came to something else', async () => {
    const { code, stdout } = await replayed(evaluated('Fail'));
    expect([code, stdout]).toEqual([exitCode.bad, expect.stringContaining('differs: status.evaluations: golden is Fail, judged again Pass')]);
  });

  it('does not judge what is kept in part only', async () => {
    const { code, stdout } = await replayed(evaluated('Fail'), { kept: [] });
    expect([code, stdout]).toEqual([exitCode.ok, expect.stringContaining('Fail as recorded, as recorded; its results are not kept (any more)')]);
  });

  it('says that there is no such release', async () => {
    cluster = await FakeCluster.start(undefined, []);
    const { surroundings, stderr } = recorded({ env: { KUBECONFIG: cluster.kubeconfig } });
    expect(await run(['replay', 'support-7'], surroundings)).toBe(exitCode.bad);
    expect(stderr()).toContain('There is no Release "support-7" in namespace "demo"; see: kubectl get releases --namespace demo');
  });
});
