import { afterEach, describe, expect, it } from 'vitest';
import { exitCode } from '../exit-code.ts';
import { agentYaml, providerYaml, suiteYaml } from '../fixtures/eval-manifests.ts';
import { type Asked, type Loopback, sendJson, startLoopback } from '../fixtures/loopback.ts';
import { outcome, playedRuntime } from '../fixtures/played-runtime.ts';
import { recorded } from '../fixtures/recorded-surroundings.ts';
import { run } from '../run.ts';

const servers: Loopback[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** What an MLflow server answers. */
function answerTo({ path }: Asked): object {
  if (path.includes('get-by-name')) return { experiment: { experiment_id: '7' } };
  return path.endsWith('runs/create') ? { run: { info: { run_id: 'run1', artifact_uri: 'mlflow-artifacts:/7/run1/artifacts' } } } : {};
}

async function tracked(respond: Parameters<typeof startLoopback>[0], { env = {}, args = [] }: { readonly env?: Readonly<Record<string, string>>; readonly args?: readonly string[] } = {}) {
  const server = await startLoopback(respond);
  servers.push(server);
  const all = recorded({ files: { 'agent.yaml': `${agentYaml()}---\n${providerYaml}`, 'suite.yaml': suiteYaml }, env: { SLUICE_PROVIDER_API_KEY: 'sk-secret', ...env } });
  const { runRuntime } = playedRuntime(all.surroundings, () => [outcome('returns', 'Passed', { hard: true }), outcome('secrets', 'Passed')]);
  const code = await run(['eval', 'run', '--local', '-f', 'agent.yaml', '--suite', 'suite.yaml', '--mlflow', server.url, ...args], { ...all.surroundings, runRuntime, fetch: globalThis.fetch });
  return { code, said: all.stdout() + all.stderr(), server };
}

describe('eval run --mlflow', () => {
  it('tells the run with its token, and where it is', async () => {
    const { code, said, server } = await tracked((asked, response) => sendJson(response, 200, answerTo(asked)), { env: { MLFLOW_TRACKING_TOKEN: 'tok-secret' } });
    expect(code).toBe(exitCode.ok);
    expect(said).toContain(`mlflow: ${server.url}/#/experiments/7/runs/run1\n`);
    expect(server.asked[0]).toMatchObject({ path: '/api/2.0/mlflow/experiments/get-by-name?experiment_name=sluice%2Fgolden', authorization: 'Bearer tok-secret' });
    const all = server.asked.map(({ body }) => body).join('\n');
    expect(all).toContain('"value":"model-1"');
    expect(all + said).not.toMatch(/tok-secret|sk-secret|How long/);
  });

  it('takes another experiment', async () => {
    const { server } = await tracked((asked, response) => sendJson(response, 200, answerTo(asked)), { args: ['--mlflow-experiment', 'mine'] });
    expect(server.asked[0]?.path).toContain('experiment_name=mine');
  });

  it.each<[string, Parameters<typeof startLoopback>[0], Readonly<Record<string, string>>, string]>([
    ['a server that refuses', (_asked, response) => sendJson(response, 403, { error_code: 'PERMISSION_DENIED', message: 'tok-secret' }), { MLFLOW_TRACKING_TOKEN: 'tok-secret' }, 'with HTTP 403 (PERMISSION_DENIED): set MLFLOW_TRACKING_TOKEN'],
    ['a server that cuts the line', (_asked, response) => response.destroy(), {}, 'cannot be reached; the verdict stands'],
    ['a name without a password', (_asked, response) => sendJson(response, 200, {}), { MLFLOW_TRACKING_USERNAME: 'tok-secret' }, 'MLFLOW_TRACKING_PASSWORD is not: set both or none; the verdict stands'],
  ])('keeps its verdict in spite of %s', async (_name, respond, env, sentence) => {
    const { code, said } = await tracked(respond, { env });
    expect(code).toBe(exitCode.ok);
    expect(said).toContain('mlflow: the run is not there: ');
    expect(said).toContain(sentence);
    expect(said).not.toContain('tok-secret');
  });
});
