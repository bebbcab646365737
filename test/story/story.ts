import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from '@sluice/crds';
import { release, StoryError, watchUntil } from './chapter.ts';
import type { Teller } from './chapter.ts';
import { exampleFiles, manifest } from './manifests.ts';
import type { ManifestValues } from './manifests.ts';
import type { StoryOutput } from './output.ts';
import { Checks } from './result.ts';
import type { StoryCheck, StoryLoad, StoryRelease, StoryResult } from './result.ts';
import { checkNoSecretLeaked } from './secrets.ts';
import { agentName, namespace, Stage } from './stage.ts';

export interface StoryOptions {
  readonly kubeconfig: string;
  /** Path of the program. */
  readonly kubectl: string;
  readonly testToolsImage: string;
  readonly output: StoryOutput;
  readonly signal: AbortSignal;
}

type Releases = Record<'v1' | 'v2' | 'v3' | 'v4', Awaited<ReturnType<typeof release>>>;

const question = 'How long is the warranty?';
/** Requests a second; enough for a verdict in seconds, little enough for two cores. */
const loadRate = 20;
/** Of the load, before the first change meets it: fresh processes answer their first requests slowly. Its requests count like all others. */
const warmUpSeconds = 8;

/**
 * The main job of the product, on a real cluster under continuous load: a good release promoted, one with a bad prompt stopped before
 * it gets traffic, one that fails live rolled back by itself. Throws StoryError when it cannot go on; what merely was not as promised
 * is a failed check in the result.
 */
export async function runStory(options: StoryOptions): Promise<StoryResult> {
  const stage = new Stage(options);
  const teller: Teller = { stage, output: options.output, signal: options.signal };
  const values = { ...options, loadUrl: `http://${agentName}.${namespace}.svc`, loadRate };
  const checks = new Checks();
  const providerKey = `sim-${randomBytes(16).toString('hex')}`;
  try {
    await setTheStage(teller, values, providerKey);
    const told = await tellReleases(teller, values, checks);
    await checkOldConfiguration(teller, told, checks);
    const load = await endLoad(teller, told);
    checkReleases(told, load, checks);
    await checkNoSecretLeaked(teller, providerKey, checks);
    return { releases: Object.values(told).map((one) => one.told), load, checks: checks.all };
  } finally {
    await stage.close();
  }
}

async function setTheStage({ stage, output, signal }: Teller, values: ManifestValues, providerKey: string): Promise<void> {
  output.chapter('The stage: a model provider (simulated), golden cases, no agent yet');
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'model-provider-key', namespace }, stringData: { 'api-key': providerKey } },
  ];
  await stage.kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=true', '--timeout=120s'], { signal, timeoutMs: 125_000 });
  await stage.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }), { signal });
  await stage.apply(await manifest('test/tools-in-cluster/provider-simulator.yaml', values), { signal });
  await stage.apply(await manifest(exampleFiles.provider, values), { signal });
  await stage.apply(await manifest(exampleFiles.suite, values), { signal });
  await stage.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/provider-simulator', '--timeout=120s'], { signal, timeoutMs: 125_000 });
  output.line('the provider simulator is ready');
}

async function tellReleases(teller: Teller, values: ManifestValues, checks: Checks): Promise<Releases> {
  const { output, stage, signal } = teller;
  output.chapter(`v1: the agent is applied (kubectl apply -f ${exampleFiles.v1})`);
  const v1 = await release(teller, 'v1, the first revision', await manifest(exampleFiles.v1, values));
  const answer = await stage.invoke('How long does standard shipping take?', { signal });
  output.line(`asked "How long does standard shipping take?", answered "${answer.answer}" by ${answer.policy_version}`);
  checks.equal('v1 answers an invoke', answer.status, 'success');
  await startLoad(teller, values);

  output.chapter(`v2: a better prompt (kubectl apply -f ${exampleFiles.v2})`);
  const v2 = await release(teller, 'v2, a better prompt', await manifest(exampleFiles.v2, values));
  const better = await stage.invoke(question, { signal });
  output.line(`asked "${question}", answered "${better.answer}"`);
  checks.expect('v2 answers what v1 could not', better.answer.includes('two years') ? 'passed' : 'failed', better.answer);

  output.chapter(`v3: a prompt with a wrong refund policy (kubectl apply -f ${exampleFiles.v3})`);
  const v3 = await release(teller, 'v3, a prompt that fails golden cases', await manifest(exampleFiles.v3, values));

  output.chapter(`v4: a tool that is slow and fails on live traffic (kubectl apply -f ${exampleFiles.v4})`);
  const v4 = await release(teller, 'v4, a tool that fails live', await manifest(exampleFiles.v4, values));
  return { v1, v2, v3, v4 };
}

async function startLoad(teller: Teller, values: ManifestValues): Promise<void> {
  const { stage, output, signal } = teller;
  await stage.apply(await manifest('test/tools-in-cluster/load.yaml', values), { signal });
  await stage.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/load', '--timeout=60s'], { signal, timeoutMs: 65_000 });
  output.line(`load: ${values.loadRate} requests a second to ${values.loadUrl}, a new connection each`);
  await watchUntil(teller, 60_000, (_agent, load) => load !== undefined && load.elapsedSeconds >= warmUpSeconds && load.lastSecond.succeeded >= values.loadRate / 2);
}

/** The stable revision serves alone, and each of its pods has the configuration that was promoted, byte for byte. */
async function checkOldConfiguration(teller: Teller, { v2, v4 }: Releases, checks: Checks): Promise<void> {
  const { stage, output, signal } = teller;
  output.chapter('After the rollback: the old configuration serves again');
  const { revision } = v2.told;
  await watchUntil(teller, 120_000, ({ status }) => status?.stable?.revision === revision && status.stable.readyReplicas === 3 && status.canary === undefined && status.replicas === 3);
  const promoted = await stage.storedDigest(revision, { signal });
  const mounted = await stage.mountedDigests({ signal });
  const same = mounted.length === 3 && mounted.every((digest) => digest === promoted);
  checks.expect('after the rollback every pod has the promoted configuration, byte for byte', same ? 'passed' : 'failed', `${mounted.length} pods, sha256 ${[...new Set(mounted)].join(', ')}; promoted ${promoted}`);
  checks.expect('the rejected configuration was another one', (await stage.storedDigest(v4.told.revision, { signal })) === promoted ? 'failed' : 'passed', v4.told.revision);
  const answer = await stage.invoke(question, { signal });
  checks.expect('the stable revision answers after the rollback', answer.policy_version.endsWith(`@${revision}`) && answer.status === 'success' ? 'passed' : 'failed', answer.policy_version);
  output.line(`${mounted.length} pods of ${revision} serve with configuration sha256 ${promoted.slice(0, 16)}…, as promoted`);
}

/** Lets the last requests end before the figures are read. */
async function endLoad({ stage, signal }: Teller, { v1, v2 }: Releases): Promise<StoryLoad> {
  await sleep(2_500, undefined, { signal });
  const report = await stage.loadReport({ signal });
  if (report === undefined) throw new StoryError('the load generator has no report; look at: kubectl -n sluice-demo logs deployment/load');
  const good = [v1.told.revision, v2.told.revision, 'none'];
  const revisions = Object.fromEntries(Object.entries(report.revisions).map(([name, { succeeded, failed }]) => [name, { succeeded, failed }]));
  const failedOnStable = good.reduce((sum, name) => sum + (report.revisions[name]?.failed ?? 0), 0);
  return { sent: report.sent, failed: report.failed, failedOnStable, p95Ms: report.latencyMs.p95, revisions };
}

function checkReleases({ v1, v2, v3, v4 }: Releases, load: StoryLoad, checks: Checks): void {
  checks.equal('v1 is promoted', v1.told.verdict, 'Promoted');
  checks.equal('v2 is promoted', v2.told.verdict, 'Promoted');
  checks.equal('v2 goes through evaluation and both steps', phases(v2.release), 'Preparing, Evaluating, Shifting, Shifting, Promoting, Promoted');
  checks.equal('v3 is stopped', `${v3.told.verdict} ${v3.release.status?.reason}`, 'RolledBack EvaluationFailed');
  checks.expect('the message on v3 names the failed case', v3.told.message.includes('refund-window') ? 'passed' : 'failed', v3.told.message);
  checks.expect('v3 never got a request', load.revisions[v3.told.revision] === undefined ? 'passed' : 'failed', JSON.stringify(load.revisions[v3.told.revision] ?? 'none'));
  checks.equal('v4 passes its evaluation and is rolled back on live evidence', phases(v4.release), 'Preparing, Evaluating, Shifting, RollingBack, RolledBack');
  checks.equal('v4 is rolled back for its objectives', v4.release.status?.reason ?? '', 'ObjectiveFailed');
  checks.equal('the agent says that it is degraded', v4.agent.status?.phase ?? '', 'Degraded');
  checks.equal('no request failed on the stable path', String(load.failedOnStable), '0');
  checks.expect('the load ran all the while', load.sent > 500 ? 'passed' : 'failed', `${load.sent} requests`);
}

function phases({ status }: Release): string {
  return (status?.transitions ?? []).map((transition) => transition.phase).join(', ');
}

/** What was seen of one that did not hold is told with it. */
function promiseLine({ name, ok, detail }: StoryCheck): string {
  return ok === 'passed' ? `  ok      ${name}` : `  FAILED  ${name}: ${detail}`;
}

/** The figures in a few lines, and each promise in one. */
export function summary({ releases, load, checks }: StoryResult): readonly string[] {
  const failed = checks.filter((check) => check.ok === 'failed');
  return [
    ...releases.map((told: StoryRelease) => `${told.title}: ${told.verdict} after ${told.secondsToVerdict} s`),
    `requests sent ${load.sent}; failed on the stable path ${load.failedOnStable}; failed on the canary that was rolled back ${load.failed - load.failedOnStable}; p95 ${load.p95Ms === null ? '-' : Math.round(load.p95Ms)} ms`,
    `${checks.length - failed.length} of ${checks.length} promises held:`,
    ...checks.map(promiseLine),
  ];
}
