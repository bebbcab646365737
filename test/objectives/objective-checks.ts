import { AgentStand } from '../gateway/agent-stand.ts';
import type { GatewayAddress } from '../gateway/stand.ts';
import { kubectlAt } from '../story/kubectl.ts';
import { exampleFiles } from '../story/manifests.ts';
import type { StoryOutput } from '../story/output.ts';
import { Checks, type StoryCheck } from '../story/result.ts';
import { type CaseVerdicts, checkCase } from './case-checks.ts';
import { type ExampleAgent, judgedAgent } from './judged-agent.ts';
import { type ObjectiveCase, objectiveCases, prices, providerScript, twins } from './objective-cases.ts';
import { prometheusObjects, prometheusUrl, sendProgram } from './prometheus-pod.ts';
import { Users, usersObjects } from './users.ts';

export interface ObjectiveChecksOptions {
  readonly kubeconfig: string;
  /** Path of the program. */
  readonly kubectl: string;
  /** Path of the program of Prometheus, which the cluster can run. */
  readonly prometheus: string;
  readonly testToolsImage: string;
  readonly gateway: GatewayAddress;
  readonly output: StoryOutput;
  readonly signal: AbortSignal;
  /** Tells the operator where its Prometheus is; resolves when it knows. */
  readonly usePrometheus: (url: string) => Promise<void>;
  /** Called while the objects that failed a check are still there. */
  readonly onFailure: (namespace: string) => Promise<void>;
}

const NAMESPACE = 'sluice-objectives';

/** Every objective that counts something else than requests, on real traffic, with both sources. What is not as promised is a failed check in the result. */
export async function runObjectiveChecks(options: ObjectiveChecksOptions): Promise<readonly StoryCheck[]> {
  const { output, signal } = options;
  const checks = new Checks();
  output.chapter('Agents judged by cost, tools, citations, counters and PromQL, side by side');
  const host = standOf(options);
  try {
    await build(options, host);
    checkTwins(checks, await allCases(options, host, checks));
  } catch (error) {
    signal.throwIfAborted();
    checks.expect('the objectives could be judged', 'failed', messageOf(error));
  }
  try {
    if (checks.all.some(({ ok }) => ok === 'failed')) await options.onFailure(NAMESPACE);
    await host.remove();
  } finally {
    await host.close();
  }
  for (const { name, ok, detail } of checks.all) output.line(`${ok}: ${name}: ${detail}`);
  return checks.all;
}

function standOf({ kubeconfig, kubectl, testToolsImage, gateway, signal }: ObjectiveChecksOptions, agent?: string): AgentStand {
  return new AgentStand({ kubeconfig, kubectl, testToolsImage, gateway, signal, namespace: NAMESPACE, ...(agent === undefined ? {} : { agent }) });
}

/** Provider with prices, users and Prometheus; the operator is told of it meanwhile. */
async function build(options: ObjectiveChecksOptions, host: AgentStand): Promise<void> {
  const { testToolsImage, usePrometheus } = options;
  const told = usePrometheus(prometheusUrl(NAMESPACE));
  const built = (async () => {
    await host.build(JSON.stringify(providerScript));
    const [provider] = await host.manifests(exampleFiles.provider);
    if (provider === undefined) throw new Error('the example has no provider');
    await host.apply([{ ...provider, spec: { ...provider.spec, prices } }, ...(await usersObjects(NAMESPACE, testToolsImage)), ...(await prometheusObjects({ namespace: NAMESPACE, testToolsImage }))]);
    await host.kubectl(['-n', NAMESPACE, 'wait', 'pod/prometheus', '--for=jsonpath={.status.phase}=Running', '--timeout=120s']);
    await sendProgram({ ...options, program: options.prometheus, namespace: NAMESPACE });
    await host.kubectl(['-n', NAMESPACE, 'wait', 'pods', '--all', '--for=condition=Ready', '--timeout=120s']);
  })();
  const [failed] = (await Promise.allSettled([told, built])).filter((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** One that cannot go on is a failed check and stops no other. */
async function allCases(options: ObjectiveChecksOptions, host: AgentStand, checks: Checks): Promise<ReadonlyMap<string, CaseVerdicts>> {
  const verdicts = new Map<string, CaseVerdicts>();
  const [example] = (await host.manifests(exampleFiles.v1)) as ExampleAgent[];
  if (example === undefined) throw new Error('the example has no agent');
  await Promise.all(
    objectiveCases.map(async (one) => {
      try {
        verdicts.set(one.name, await judged(options, one, { example, checks }));
      } catch (error) {
        options.signal.throwIfAborted();
        checks.expect(`${one.name} (${one.source}) could be seen to its end`, 'failed', messageOf(error));
      }
    }),
  );
  return verdicts;
}

async function judged(options: ObjectiveChecksOptions, one: ObjectiveCase, { example, checks }: { readonly example: ExampleAgent; readonly checks: Checks }): Promise<CaseVerdicts> {
  const { kubectl, kubeconfig, gateway, output, signal } = options;
  const stand = standOf(options, one.name);
  const users = new Users({ kubectl: kubectlAt(kubectl, kubeconfig), namespace: NAMESPACE, agent: one.name, url: stand.url, signal });
  try {
    return await checkCase({ one, stand, users, checks, output, signal, apply: async (change) => stand.apply([judgedAgent(example, one, change, gateway)]) });
  } finally {
    await stand.close();
  }
}

function checkTwins(checks: Checks, verdicts: ReadonlyMap<string, CaseVerdicts>): void {
  for (const [pods, prometheus] of twins) {
    const [ofPods, ofPrometheus] = [verdicts.get(pods), verdicts.get(prometheus)].map((one) => (one === undefined ? 'none' : `${one.asGood}, ${one.worse}`));
    checks.equal(`${pods}: Prometheus comes to the verdicts that the pods come to`, ofPrometheus ?? '', ofPods ?? '');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
