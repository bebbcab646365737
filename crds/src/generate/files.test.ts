import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { customResourceDefinition } from '../custom-resource-definition.ts';
import { definitions } from '../definitions.ts';
import { compare } from './generated-files.ts';
import { manifests } from './manifests.ts';
import { reference } from './reference.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the repository', () => {
  it('holds the generated files as the sources describe them', async () => {
    expect(await compare(root, new Map([...manifests(), ...reference()]))).toEqual({ missing: [], changed: [], leftOver: [] });
  });
});

describe('manifests', () => {
  // Kubernetes reads 1.1, where a bare Yes is true; most other tools read 1.2.
  it.each(definitions.flatMap((definition) => (['1.1', '1.2'] as const).map((version) => ({ kind: definition.kind, definition, version }))))('of $kind say in YAML $version what the definition says', ({ definition, version }) => {
    const crd = JSON.parse(JSON.stringify(customResourceDefinition(definition))) as unknown;
    expect(parse(manifests().get(`crds/manifests/${definition.plural}.yaml`) ?? '', { version })).toEqual(crd);
  });

  it.each(definitions)('of $kind in the chart differ only in being kept at uninstall', (definition) => {
    const inChart = parse(manifests().get(`charts/sluice/files/crds/${definition.plural}.yaml`) ?? '') as { metadata: { annotations?: unknown } };
    expect(inChart.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    delete inChart.metadata.annotations;
    expect(inChart).toEqual(parse(manifests().get(`crds/manifests/${definition.plural}.yaml`) ?? ''));
  });
});

describe('reference', () => {
  const agents = reference().get('docs/reference/agentdeployments.md') ?? '';

  it('has a page for every kind and links to it', () => {
    for (const { kind, plural } of definitions) {
      expect(reference().get(`docs/reference/${plural}.md`)).toContain(`# ${kind}\n`);
      expect(reference().get('docs/reference/api.md')).toContain(`[${kind}](${plural}.md)`);
    }
  });

  it('says path, type, whether required, default and description', () => {
    expect(agents).toContain('| `spec.rollout.steps[].mirrorPercent` | integer, 1 to 100 |  |  | Percent of the requests that are copied to the new revision,');
    expect(agents).toContain('| `spec.agent.tools[].effect` | `Read` or `Write` |  | `"Read"` |');
  });

  it('says of every member of a bundle what it is', () => {
    const rows = (reference().get('docs/reference/agent-bundle.md') ?? '').split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter((row) => row.endsWith('|  |'))).toEqual([]);
  });

  it('says the sentences of the rules', () => {
    expect(agents).toContain('- spec.replicas and spec.autoscaling exclude each other');
    expect(agents).toContain('<br>rollout.steps must not go down in weight');
  });

  it('keeps its tables whole', () => {
    for (const [file, content] of reference()) {
      const rows = content.split('\n').filter((line) => line.startsWith('| `spec') || line.startsWith('| `status'));
      for (const row of rows) expect(row.replaceAll('\\|', '').split('|').length, `${file}: ${row}`).toBe(7);
    }
  });
});
