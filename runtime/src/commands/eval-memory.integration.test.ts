import { expect, it, onTestFinished } from 'vitest';
import { answers, ask, casesFolder, startEvalJob, writeLines } from '../testing/eval-job.ts';

it('streams 5,000 cases of 50 MB through a heap of 96 MiB', { timeout: 480_000 }, async () => {
  const { folder, path } = casesFolder('cases.jsonl', '');
  const history = [{ role: 'User', text: 'x'.repeat(10_000) }];
  await writeLines(path, 5_000, (index) => JSON.stringify({ ...ask(`case-${index}`, { contains: ['yes'] }), history }));
  const suite = { casesFrom: [{ configMap: { name: 'x', key: 'cases.jsonl' } }], concurrency: 32 };
  const { runtime, report, server } = await startEvalJob(suite, answers('Yes.'), { SLUICE_EVAL_CASES_FOLDER: folder, NODE_OPTIONS: '--max-old-space-size=96' });
  onTestFinished(() => server.close());
  expect([await runtime.exited, runtime.stderr()]).toEqual([0, '']);
  expect(report()).toMatchObject({ total: 5_000, passed: 5_000 });
  expect(server.exchanges).toHaveLength(5_000);
});
