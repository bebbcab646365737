import { expect, test } from 'vitest';
import { INTEGRATION_LANES } from './integration-lanes.ts';
import { runLanes } from './run-lanes.ts';
import { NOTHING, type TierContext, type TierResult } from './tier.ts';

const terminal = { write: () => true } as unknown as NodeJS.WriteStream;

function contextOf(signal: AbortSignal): TierContext {
  let now = 0;
  const clock = { monotonicMs: () => (now += 1000), wallMs: () => 0, sleep: async () => undefined };
  return { repository: '/clone', signal, clock, env: { KEPT: 'yes', SLUICE_TEST_KUBECONFIG: '/a/kubeconfig' }, terminal };
}

const passed = (count: number): TierResult => ({ ...NOTHING, passed: count, failed: 1, skipped: 2, remarks: [`${count}: broke`], longest: [{ name: `${count}.test.ts`, seconds: count }] });

test('counts add up, each line is behind the name of its lane, and the longest files of all are named', async () => {
  const lines: string[] = [];
  const result = await runLanes(INTEGRATION_LANES, contextOf(new AbortController().signal), {
    run: async (project, _context, onLine) => {
      onLine(`runs ${project}`);
      onLine('');
      return passed(project === 'integration-apart' ? 5 : 3);
    },
    print: (line) => lines.push(line),
  });
  expect(result).toMatchObject({ passed: 8, failed: 2, skipped: 4, remarks: ['3: broke', '5: broke'] });
  expect(result.longest.map(({ name }) => name)).toEqual(['the lane api-server', 'the lane apart', '5.test.ts', '3.test.ts']);
  expect(lines.slice(0, 4)).toEqual(['api-server | runs integration-api-server', 'api-server |', 'apart      | runs integration-apart', 'apart      |']);
  expect(lines.slice(4)).toEqual([expect.stringMatching(/^api-server \| === 3 passed, 1 failed, \d+\.0 s$/), expect.stringMatching(/^apart      \| === 5 passed, 1 failed, \d+\.0 s$/)]);
});

test('the lanes look for ports in different windows, and the one apart knows of no API server', async () => {
  const seen: TierContext['env'][] = [];
  await runLanes(INTEGRATION_LANES, contextOf(new AbortController().signal), { run: async (_project, { env }) => (seen.push(env), NOTHING), print: () => undefined });
  expect(seen).toEqual([
    { KEPT: 'yes', SLUICE_TEST_KUBECONFIG: '/a/kubeconfig', SLUICE_TEST_PORTS: '15000-21999' },
    { KEPT: 'yes', SLUICE_TEST_KUBECONFIG: undefined, SLUICE_TEST_PORTS: '22000-28999' },
  ]);
});

test('a lane that cannot run is a failure, and the other one is waited for', async () => {
  const result = await runLanes(INTEGRATION_LANES, contextOf(new AbortController().signal), {
    run: async (project) => {
      if (project === 'integration-apart') throw new Error('no disk');
      await new Promise((resolve) => setTimeout(resolve, 20));
      return passed(3);
    },
    print: () => undefined,
  });
  expect(result).toMatchObject({ passed: 3, failed: 2, remarks: ['3: broke', 'the lane apart could not run: no disk'] });
});

test('an abort is thrown once both lanes have ended', async () => {
  const controller = new AbortController();
  let ended = 0;
  const running = runLanes(INTEGRATION_LANES, contextOf(controller.signal), {
    run: async (project) => {
      if (project === 'integration-apart') controller.abort(new Error('stopped by SIGINT'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended += 1;
      throw new Error('a child was killed');
    },
    print: () => undefined,
  });
  await expect(running).rejects.toThrow('stopped by SIGINT');
  expect(ended).toBe(2);
});
