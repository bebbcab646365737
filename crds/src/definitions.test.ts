import { describe, expect, it } from 'vitest';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { agentNameMaxLength, definitions } from './definitions.ts';
import { manifests } from './generate/manifests.ts';
import type { StructuralSchema } from './structural-schema.ts';

interface Field {
  readonly path: string;
  readonly node: StructuralSchema;
}

/** kubectl apply keeps the whole manifest in an annotation; the API server allows 256 KiB of them. */
const annotationLimit = 256 * 1024;

const crds = definitions.map((definition) => ({ kind: definition.kind, crd: customResourceDefinition(definition), definition }));

function version(crd: ReturnType<typeof customResourceDefinition>): StructuralSchema {
  return (crd.spec['versions'] as StructuralSchema[])[0]!;
}

function root(crd: ReturnType<typeof customResourceDefinition>): StructuralSchema {
  return (version(crd)['schema'] as { openAPIV3Schema: StructuralSchema }).openAPIV3Schema;
}

function fields(node: StructuralSchema, path = ''): Field[] {
  const properties = Object.entries((node['properties'] ?? {}) as Record<string, StructuralSchema>).map(([name, child]) => ({ path: `${path}.${name}`, node: child }));
  const items = node['items'] === undefined ? [] : fields(node['items'] as StructuralSchema, `${path}[]`);
  return [...properties.flatMap((field) => [field, ...fields(field.node, field.path)]), ...items];
}

describe.each(crds)('$kind', ({ crd, definition }) => {
  it('fits into the annotation of a plain kubectl apply, with much room to grow', () => {
    expect(Buffer.byteLength(JSON.stringify(crd))).toBeLessThan(annotationLimit / 2);
    for (const [file, content] of manifests()) expect(Buffer.byteLength(content), file).toBeLessThan(annotationLimit);
  });

  it('describes every field, because kubectl explain is its documentation', () => {
    const bare = fields(root(crd)).filter(({ path, node }) => path !== '.metadata' && typeof node['description'] !== 'string');
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  it('puts a bound on every text, list and map that CEL reads or a user writes', () => {
    const unbounded = fields(root(crd)).filter(({ path, node }) => {
      const free = node['type'] === 'string' && node['maxLength'] === undefined && node['enum'] === undefined && node['format'] !== 'date-time';
      return path.startsWith('.spec') && (free || (node['type'] === 'array' && node['maxItems'] === undefined));
    });
    expect(unbounded.map(({ path }) => path)).toEqual([]);
  });

  it('refuses in sentences that name a field', () => {
    const rules = [root(crd), ...fields(root(crd)).flatMap(({ node }) => [node, (node['items'] ?? {}) as StructuralSchema])].flatMap(
      (node) => (node['x-kubernetes-validations'] ?? []) as { message: string }[],
    );
    expect(rules.length).toBeGreaterThan(0);
    for (const { message } of rules) expect(message).toMatch(/^(metadata|spec|rollout|limits|tools)\b.{20,}/);
  });

  it('shows columns that read fields of its schema', () => {
    const known = new Set(['.metadata.creationTimestamp', ...fields(root(crd)).map(({ path }) => path)]);
    for (const column of definition.columns) expect(known, column.name).toContain(column.jsonPath);
  });
});

describe('the group', () => {
  it('has a status subresource where the operator writes status', () => {
    const kinds = crds.filter(({ crd }) => 'subresources' in version(crd)).map(({ kind }) => kind);
    expect(kinds).toEqual(['AgentDeployment', 'EvalRun', 'Release']);
  });

  it('scales an AgentDeployment', () => {
    const agent = crds.find(({ kind }) => kind === 'AgentDeployment')!;
    expect(version(agent.crd)['subresources']).toEqual({
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
    });
  });

  it('answers the questions of an on-call engineer in one line', () => {
    const agent = definitions.find(({ kind }) => kind === 'AgentDeployment')!;
    const shown = agent.columns.filter(({ priority }) => priority === undefined).map(({ name }) => name);
    expect(shown).toEqual(['Phase', 'Ready', 'Stable', 'Canary', 'Weight', 'Release', 'Age', 'Message']);
  });

  it('has names of its own', () => {
    const names = definitions.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('leaves room in an object name for a revision, a suite and a separator or two', () => {
    expect(agentNameMaxLength).toBe(40);
    expect(JSON.stringify(crds.find(({ kind }) => kind === 'AgentDeployment')?.crd)).toContain('size(self.metadata.name) <= 40');
  });
});
