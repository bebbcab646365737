import { apiGroup } from '@sluice/crds';
import { groupOf } from '@sluice/kube';
import { shardLabel } from '@sluice/operator/src/sharding/shard.ts';
import type { PlacedManifest } from './lint-file.ts';
import { isRecord } from './schema-visit.ts';

/** Kinds that manifests of ours name. */
export type ReferentKind = 'AgentDeployment' | 'ConfigMap' | 'EvalSuite' | 'ModelProvider' | 'Secret';

/** An object that the files hold, or make. */
export interface GivenObject {
  readonly kind: ReferentKind;
  /** Absent: that of kubectl's context. */
  readonly namespace?: string;
  readonly name: string;
  /** Of a ConfigMap or Secret; absent: not known from the files. */
  readonly keys?: readonly string[];
  readonly spec?: unknown;
  /** Of an agent; absent: it has no label for it. */
  readonly shard?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const ours: ReadonlySet<string> = new Set(['AgentDeployment', 'EvalSuite', 'ModelProvider']);

/** The objects of all files together, those that kustomize and the usual makers of Secrets make of them included. */
export function givenObjects(manifests: readonly PlacedManifest[]): GivenObject[] {
  return manifests.flatMap(({ value }) => objectsOf(value));
}

function objectsOf(manifest: Fields): GivenObject[] {
  const { kind, spec } = manifest;
  const { name, namespace } = isRecord(manifest['metadata']) ? manifest['metadata'] : {};
  const group = groupOf(String(manifest['apiVersion']));
  if (kind === 'Kustomization') return [...generated(manifest['configMapGenerator'], 'ConfigMap'), ...generated(manifest['secretGenerator'], 'Secret')];
  if (typeof name !== 'string') return [];
  const object = { name, ...(typeof namespace === 'string' ? { namespace } : {}) };
  if (group === apiGroup && ours.has(String(kind))) return [{ ...object, ...shardIn(manifest['metadata']), kind: kind as ReferentKind, spec }];
  if (group === '' && (kind === 'ConfigMap' || kind === 'Secret')) return [{ ...object, kind, keys: ['data', 'binaryData', 'stringData'].flatMap((member) => keysOf(manifest[member])) }];
  if (kind === 'SealedSecret') return [{ ...object, kind: 'Secret' }];
  return kind === 'ExternalSecret' ? [{ ...object, kind: 'Secret', ...targetOf(spec) }] : [];
}

function shardIn(metadata: unknown): { readonly shard?: string } {
  const labels = isRecord(metadata) ? metadata['labels'] : undefined;
  const shard = isRecord(labels) ? labels[shardLabel] : undefined;
  return typeof shard === 'string' ? { shard } : {};
}

function generated(generators: unknown, kind: 'ConfigMap' | 'Secret'): GivenObject[] {
  return (Array.isArray(generators) ? generators : []).flatMap((each: unknown) => (isRecord(each) && typeof each['name'] === 'string' ? [{ kind, name: each['name'] }] : []));
}

function targetOf(spec: unknown): { readonly name?: string } {
  const target = isRecord(spec) ? spec['target'] : undefined;
  return isRecord(target) && typeof target['name'] === 'string' ? { name: target['name'] } : {};
}

function keysOf(data: unknown): string[] {
  return isRecord(data) ? Object.keys(data) : [];
}
