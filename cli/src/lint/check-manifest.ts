import { type AgentDeploymentSpec, apiGroup, apiVersion, definitions, type KindDefinition, nearestName, objectSchema } from '@sluice/crds';
import { groupOf } from '@sluice/kube';
import { accessWarnings } from './access-warnings.ts';
import { listDuplicates } from './list-duplicates.ts';
import { metadataProblems, metadataSchema } from './metadata.ts';
import { type Installed, measurabilityWarnings } from './measurability-warnings.ts';
import { pathText, type Problem } from './problem.ts';
import { quote } from './quote.ts';
import { freezeProblems, freezeWarnings, rolloutWarnings } from './rollout-problems.ts';
import { ruleProblems } from './rule-problems.ts';
import { isRecord, propertiesOf, type Schema } from './schema-visit.ts';
import { suiteProblems } from './suite-problems.ts';
import { suiteWarnings } from './suite-warnings.ts';
import { unknownFields } from './unknown-fields.ts';
import { valueProblems } from './value-problems.ts';

/** What lint makes of one manifest: a kind of ours with its problems, or a note why it was not looked at. */
export type Finding = { readonly kind: 'Checked'; readonly problems: readonly Problem[]; /** What is allowed and surprises. */ readonly warnings: readonly string[] } | { readonly kind: 'Ignored'; readonly note: string };

const ours = `${apiGroup}/${apiVersion}`;

export interface LintOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What is known of the operator; default `NotKnown`. */
  readonly installed?: Installed;
}

/** Checks one manifest as the API server would at `kubectl apply`, as far as that can be known without a cluster, and what it would accept and never release. */
export function checkManifest(manifest: unknown, options: LintOptions): Finding {
  if (!isRecord(manifest)) return problem('the document', `is ${quote(manifest, [])}`, 'write a manifest with apiVersion, kind, metadata and spec');
  const { kind } = manifest;
  if (typeof manifest['apiVersion'] !== 'string') return problem('apiVersion', missingOr(manifest['apiVersion']), `write for example "${ours}"`);
  if (typeof kind !== 'string') return problem('kind', missingOr(kind), `write for example "${definitions[0]?.kind ?? ''}"`);
  if (groupOf(manifest['apiVersion']) !== apiGroup) return { kind: 'Ignored', note: `not checked: ${manifest['apiVersion']} ${kind} is no kind of ${apiGroup}` };
  return checkOurs(manifest, { version: manifest['apiVersion'], kind, ...options });
}

function checkOurs(manifest: Readonly<Record<string, unknown>>, { version, kind, now, installed = 'NotKnown' }: LintOptions & { readonly version: string; readonly kind: string }): Finding {
  if (version !== ours) return problem('apiVersion', `is ${quote(version, [])}`, `write "${ours}"`);
  const definition = definitions.find((one) => one.kind === kind);
  if (definition === undefined) {
    const kinds = definitions.map((one) => one.kind);
    const nearest = nearestName(kind, kinds);
    return problem('kind', `is ${quote(kind, [])}`, nearest === undefined ? `write one of ${kinds.join(', ')}` : `write "${nearest}"`);
  }
  const agent = agentSpecOf(definition, manifest);
  const problems = problemsOf(definition, manifest);
  const endless = agent === undefined ? [] : freezeProblems(agent, now).filter(({ path }) => !problems.some((known) => known.path === path));
  return {
    kind: 'Checked',
    problems: [...problems, ...endless, ...(kind === 'EvalSuite' ? suiteProblems(manifest['spec']) : [])],
    warnings: agent === undefined ? (kind === 'EvalSuite' ? suiteWarnings(manifest['spec']) : []) : [...accessWarnings(agent), ...rolloutWarnings(agent), ...freezeWarnings(agent, now), ...measurabilityWarnings(agent, installed)],
  };
}

/** With its defaults; undefined for other kinds, and where the schema refuses it. */
function agentSpecOf({ kind, spec }: KindDefinition, manifest: Readonly<Record<string, unknown>>): AgentDeploymentSpec | undefined {
  const result = kind === 'AgentDeployment' ? spec.safeParse(manifest['spec']) : undefined;
  return result?.success === true ? (result.data as AgentDeploymentSpec) : undefined;
}

function problemsOf(definition: KindDefinition, manifest: Readonly<Record<string, unknown>>): Problem[] {
  const full = objectSchema(definition);
  const schema: Schema = { ...full, properties: { ...propertiesOf(full), metadata: metadataSchema } };
  // the status is the operator's: a manifest that was read from a cluster has one, and apply leaves it alone
  const { status: _status, ...written } = manifest;
  const judged = definition.status === undefined ? manifest : written;
  const metadata = metadataProblems(manifest);
  const values = valueProblems(definition, schema, manifest);
  const unknown = unknownFields(schema, judged);
  const misspelt = unknown.flatMap(({ meant }) => (meant === undefined ? [] : [meant]));
  const missing = new Set(misspelt.map(pathText));
  // What a misspelt field leaves open, it would fill.
  const besides = values.filter(({ path }) => !missing.has(path));
  const wrong = [...values.map(({ parts }) => parts), ...misspelt, ...(metadata.length === 0 ? [] : [['metadata']])];
  return [...metadata, ...unknown, ...besides, ...listDuplicates(schema, judged), ...ruleProblems(schema, judged, wrong)];
}

function problem(path: string, finding: string, fix: string): Finding {
  return { kind: 'Checked', problems: [{ path, finding, fix }], warnings: [] };
}

function missingOr(value: unknown): string {
  return value === undefined ? 'is missing' : `is ${quote(value, [])}`;
}
