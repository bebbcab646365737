import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseArguments } from '../load/arguments.ts';
import { readSettings } from '../provider-simulator/settings.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec }; readonly selector: { readonly matchLabels?: object }; readonly ports: readonly unknown[] };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: object;
  readonly containers: readonly { readonly image: string; readonly imagePullPolicy: string; readonly args: readonly string[]; readonly env?: readonly { readonly name: string; readonly value: string }[]; readonly securityContext: object }[];
}

const VALUES: Readonly<Record<string, string>> = { TEST_TOOLS_IMAGE: 'sluice-test-tools:dev', LOAD_URL: 'http://agent.sluice-demo.svc', LOAD_RATE: '20' };

async function manifests(file: string): Promise<Manifest[]> {
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  const filled = text.replaceAll(/\$\{(\w+)\}/gu, (_whole, name: string) => VALUES[name] ?? 'UNKNOWN');
  expect(filled).not.toContain('UNKNOWN');
  return parseAllDocuments(filled).map((document) => document.toJS() as Manifest);
}

describe.each(['provider-simulator.yaml', 'load.yaml'])('%s', (file) => {
  it('is in the demo namespace and runs under the restricted profile', async () => {
    const all = await manifests(file);
    expect(all.map(({ metadata }) => metadata.namespace)).toEqual(all.map(() => 'sluice-demo'));
    const pod = all.find(({ kind }) => kind === 'Deployment')!.spec;
    expect(pod.template.metadata.labels).toMatchObject(pod.selector.matchLabels!);
    expect(pod.template.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.template.spec.containers[0]).toMatchObject({
      image: 'sluice-test-tools:dev',
      imagePullPolicy: 'IfNotPresent',
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    });
  });
});

it('gives the simulator settings that it takes', async () => {
  const container = (await manifests('provider-simulator.yaml'))[0]!.spec.template.spec.containers[0]!;
  const env = Object.fromEntries(container.env!.map(({ name, value }) => [name, value]));
  expect(await readSettings(env)).toMatchObject({ host: '0.0.0.0', port: 8080, script: { latency: { lognormalMs: { median: 40 } } } });
});

it('gives the load arguments that it takes, and time to account for what is in flight', async () => {
  const { containers, terminationGracePeriodSeconds } = (await manifests('load.yaml'))[0]!.spec.template.spec;
  const options = parseArguments(containers[0]!.args.slice(1));
  expect(options).toMatchObject({ rate: 20, timeoutMs: 45_000 });
  expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(options.timeoutMs);
});
