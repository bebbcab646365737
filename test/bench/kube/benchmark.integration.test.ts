import { fileURLToPath } from 'node:url';
import { KubeClient, loadKubeConfig, namespaces, Transport } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../hack/src/process/command.ts';
import { systemClock } from '../../../hack/src/progress/clock.ts';
import { silentProgress } from '../../../hack/src/progress/progress.ts';
import { cacheRoot } from '../../../hack/src/tools/cache.ts';
import { COMPILE_FLAGS } from '../../../hack/src/tools/go-build.ts';
import { ensureGo } from '../../../hack/src/tools/go-toolchain.ts';
import { runBenchmark } from './benchmark.ts';
import { LIST_NAMESPACE, LIVE_NAMESPACE, measuresOf } from './measures.ts';
import { type Report, textReport } from './report.ts';
import { TINY } from './scale.ts';

const TIMEOUT_MS = 15 * 60_000;
const { signal } = new AbortController();
const shared = { progress: silentProgress, clock: systemClock, signal };

describe('the benchmark with next to no work', () => {
  let report: Report;
  const kubeconfig = process.env['SLUICE_TEST_KUBECONFIG']!;

  beforeAll(async () => {
    report = await runBenchmark({ ...shared, scale: TINY, runs: 1, only: undefined, kubeconfig });
  }, TIMEOUT_MS);

  afterAll(async () => {
    const transport = new Transport({ connection: loadKubeConfig({ path: kubeconfig, env: {} }) });
    const client = new KubeClient({ transport });
    for (const name of [LIST_NAMESPACE, LIVE_NAMESPACE]) await client.delete(namespaces, { namespace: '', name }, {}, { signal });
    await transport.close();
  });

  it.each(measuresOf(TINY).map(({ id }) => id))('%s: every contender takes part and every figure is there', (id) => {
    const result = report.results.find(({ measure }) => measure.id === id)!;
    expect(result.rows.flatMap(({ row, failures }) => failures.map((failure) => `${row.name}: ${failure}`))).toEqual([]);
    for (const { row, rounds } of result.rows) {
      for (const column of result.measure.columns) expect(rounds.map((round) => column.of(round!)), `${row.name}, ${column.name}`).toEqual([expect.any(Number)]);
    }
  });

  it('names the versions of all that it compares', () => {
    expect(Object.values(report.environment)).not.toContain('not installed');
    expect(textReport(report)).toContain('Targets');
  });
});

it('the Go side passes its own tests', async () => {
  const go = await ensureGo({ ...shared, root: cacheRoot(process.env) });
  const cwd = fileURLToPath(new URL('client-go', import.meta.url));
  // As the program is built, so that nothing of client-go is compiled a second time.
  const env = { CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local', GOWORK: 'off' };
  const output = await runCommand(go, ['test', ...COMPILE_FLAGS, '.'], { signal, timeoutMs: TIMEOUT_MS, cwd, env });
  expect(output).toContain('ok');
}, TIMEOUT_MS);
