import { type AgentBundle, agentBundle, bundleFileName } from '@sluice/crds';
import type { ConfigMap, OwnerReference } from '@sluice/kube';
import { z } from 'zod';
import { revisionLabels } from '../children/labels.ts';
import { revisionObjectName } from '../children/names.ts';
import { canonicalJson, revisionLength } from './digest.ts';
import { fieldPath, invalidSpec, RevisionError } from './error.ts';
import { agentContainerName } from './pod-names.ts';
import { isContentOf, type RevisionRecord } from './record.ts';

/** The key with everything of a record but the bundle. */
export const recordFileName = 'revision.json';

/** Bytes that a ConfigMap may hold (1 MiB), less what its keys need. */
const maxDataBytes = 1_048_000;

const recordFile = z.strictObject({
  schemaVersion: z.literal(1),
  agent: z.string().min(1),
  namespace: z.string(),
  revision: z.string().regex(new RegExp(`^[0-9a-f]{${revisionLength}}$`)),
  image: z.string().min(1),
  model: z.string().min(1),
  podTemplate: z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string() })).refine((all) => all.some(({ name }) => name === agentContainerName), 'has no container "agent"') }) }),
  egress: z.array(z.strictObject({ cidr: z.string(), except: z.array(z.string()), ports: z.array(z.int()) })),
  configMaps: z.array(z.strictObject({ name: z.string().min(1), keys: z.array(z.string()).optional(), digest: z.string().min(1).optional() })).optional(),
  secrets: z.record(z.string(), z.string()).optional(),
});

/** What the schema lets through; it looks into the pod template no further than needed. */
type StoredRecord = Omit<RevisionRecord, 'bundle'> & Pick<z.infer<typeof recordFile>, 'schemaVersion'>;

/**
 * The immutable ConfigMap of a revision: the bundle that the pods mount, and what is needed to make the revision's objects again.
 * Throws RevisionError (InvalidSpec) when it would be larger than a ConfigMap may be.
 */
export function recordConfigMap(record: RevisionRecord, owner: OwnerReference): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: revisionObjectName(record.agent, record.revision),
      namespace: record.namespace,
      labels: revisionLabels(record.agent, record.revision),
      ownerReferences: [owner],
    },
    immutable: true,
    data: recordData(record),
  };
}

/** The content of that ConfigMap. Throws as {@link recordConfigMap} does. */
export function recordData(record: RevisionRecord): Record<string, string> {
  const { bundle, ...rest } = record;
  const data = { [bundleFileName]: canonicalJson(bundle), [recordFileName]: canonicalJson({ schemaVersion: 1, ...rest }) };
  const bytes = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > maxDataBytes) throw invalidSpec('spec.agent', `needs ${bytes} bytes with its prompt and tools, and a ConfigMap holds ${maxDataBytes}: shorten the prompt or the tool descriptions`);
  return data;
}

/**
 * Reads a record back. Throws RevisionError (DamagedRecord) when a key is missing, is not what the operator writes, or is not the
 * content that the revision is named after.
 */
export function parseRecord(configMap: ConfigMap): RevisionRecord {
  const bundle = parseKey(configMap, bundleFileName, agentBundle) as AgentBundle;
  const { schemaVersion: _, ...rest } = parseKey(configMap, recordFileName, recordFile) as StoredRecord;
  const record: RevisionRecord = { ...rest, bundle };
  const { name, namespace = '' } = configMap.metadata;
  if (name !== revisionObjectName(record.agent, record.revision) || namespace !== record.namespace) {
    throw damaged(configMap, recordFileName, `belongs to revision ${record.revision} of ${record.namespace}/${record.agent}`);
  }
  if (!isContentOf(record.revision, record)) throw damaged(configMap, recordFileName, `and ${bundleFileName} do not hold the content that revision ${record.revision} is named after`);
  return record;
}

/** The JSON as it is stored: a default that a later schema adds must not change an old record. */
function parseKey(configMap: ConfigMap, key: string, schema: z.ZodType): unknown {
  const text = configMap.data?.[key];
  if (text === undefined) throw damaged(configMap, key, 'is missing');
  const value = parseJson(configMap, key, text);
  const result = schema.safeParse(value);
  if (result.success) return value;
  const issue = result.error.issues[0];
  throw damaged(configMap, key, `has a wrong ${fieldPath(issue?.path ?? [])}: ${issue?.message ?? ''}`, result.error);
}

function parseJson(configMap: ConfigMap, key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(configMap, key, 'is not JSON', cause);
  }
}

function damaged(configMap: ConfigMap, key: string, sentence: string, cause?: unknown): RevisionError {
  const field = `ConfigMap ${configMap.metadata.namespace ?? ''}/${configMap.metadata.name} data["${key}"]`;
  return new RevisionError('DamagedRecord', field, `${sentence}: restore the ConfigMap from a backup, or change the AgentDeployment to release a new revision`, cause === undefined ? undefined : { cause });
}
