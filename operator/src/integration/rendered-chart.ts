import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';

/** An object as the chart renders it; `rules` and `spec` are for the tests to read. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly rules?: unknown;
  readonly spec?: unknown;
}

export const chart = fileURLToPath(new URL('../../../charts/sluice', import.meta.url));

/** Output of helm. Throws with what to do when it is not installed. */
export async function helm(...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.env['HELM'] ?? 'helm', args, { timeout: 60_000, maxBuffer: 8 << 20 });
    return stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error('helm is not installed: run ./hack/test, which builds it, or name it in the environment variable HELM', { cause: error });
    }
    throw error;
  }
}

export interface RenderTarget {
  readonly namespace: string;
  readonly kubeVersion: string;
}

/** All objects of the chart, installed as `sluice`, with `settings` such as `replicas=2` or `watchNamespaces=["shop"]`. */
export function renderFor(target: RenderTarget, ...settings: string[]): Promise<Rendered[]> {
  return renderFrom(chart, target, settings);
}

/** As `helm upgrade --reuse-values` gives it to the templates: `values`, those of the chart that was installed before, are all there are. */
export async function renderReusing(values: string, ...settings: string[]): Promise<Rendered[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-chart-'));
  try {
    await cp(chart, folder, { recursive: true });
    await writeFile(join(folder, 'values.yaml'), values);
    return await renderFrom(folder, latest, settings);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function renderFrom(folder: string, { namespace, kubeVersion }: RenderTarget, settings: readonly string[]): Promise<Rendered[]> {
  const text = await helm('template', 'sluice', folder, '--namespace', namespace, '--kube-version', kubeVersion, ...settings.flatMap((setting) => ['--set-json', setting]));
  return parseAllDocuments(text).flatMap((document) => (document.contents === null ? [] : [document.toJS() as Rendered]));
}

const latest: RenderTarget = { namespace: 'sluice-system', kubeVersion: '1.36.0' };

/** As in the namespace `sluice-system` of Kubernetes 1.36. */
export function render(...settings: string[]): Promise<Rendered[]> {
  return renderFor(latest, ...settings);
}

export function findRendered(objects: readonly Rendered[], kind: string, name: string): Rendered | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}
