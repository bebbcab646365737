import { agentBundle } from '../agent-bundle.ts';
import { objectSchema, type KindDefinition } from '../custom-resource-definition.ts';
import { definitions } from '../definitions.ts';
import { apiGroup, apiVersion } from '../kinds.ts';
import { type StructuralSchema, toStructuralSchema } from '../structural-schema.ts';
import { describeType } from './describe-type.ts';
import { generatedMark, type GeneratedFiles } from './generated-files.ts';

const firstLine = `<!-- ${generatedMark} Source: crds/src -->`;

/** The API reference: a page per kind and one that lists them. */
export function reference(): GeneratedFiles {
  const files = new Map<string, string>();
  for (const definition of definitions) files.set(`docs/reference/${definition.plural}.md`, page(definition));
  files.set('docs/reference/api.md', overview());
  files.set('docs/reference/agent-bundle.md', bundlePage());
  return files;
}

function overview(): string {
  const kinds = definitions.map(
    ({ kind, plural, shortNames, description }) => `| [${kind}](${plural}.md) | \`${plural}\` | \`${shortNames.join('`, `')}\` | ${cell(description)} |`,
  );
  return lines(
    firstLine,
    `# API: ${apiGroup}/${apiVersion}`,
    '',
    'Every kind is namespaced. `kubectl get sluice` lists the objects of all of them; `kubectl explain agentdeployment.spec` prints what stands here.',
    '',
    '| Kind | Resource | Short name | What it is |',
    '|---|---|---|---|',
    ...kinds,
  );
}

/** Of the file that the runtime reads; who runs it without the operator writes one. */
function bundlePage(): string {
  const schema = toStructuralSchema(agentBundle);
  return lines(
    firstLine,
    '# agent.json',
    '',
    'The bundle: what the runtime reads at start, one agent with all that it needs. The operator writes it from an AgentDeployment into the ConfigMap of a revision; who runs the runtime alone writes it by hand.',
    'Times are in milliseconds. A member that is not listed here is refused. It holds no secret: keys come from the environment or from files ([runtime-settings.md](../runtime-settings.md)).',
    '[examples/runtime-alone/agent.json](../../examples/runtime-alone/agent.json) is a small one; `npx node runtime/src/main.ts validate` checks yours and says what to write instead.',
    '',
    ...table('', schema),
  );
}

function page(definition: KindDefinition): string {
  const schema = objectSchema(definition);
  const parts = ['spec', 'status'].flatMap((part) => {
    const node = property(schema, part);
    return node === undefined ? [] : ['', `## ${part}`, '', text(node['description']), ...ruleLines(node), '', ...table(part, node)];
  });
  return lines(
    firstLine,
    `# ${definition.kind}`,
    '',
    definition.description,
    '',
    `\`apiVersion: ${apiGroup}/${apiVersion}\`, resource \`${definition.plural}\`, short name \`${definition.shortNames.join('`, `')}\`.`,
    ...ruleLines(schema),
    '',
    '## kubectl get',
    '',
    '| Column | Shows |',
    '|---|---|',
    ...definition.columns.map((column) => `| ${column.name}${column.priority === undefined ? '' : ' (`-o wide`)'} | ${cell(column.description)} |`),
    ...parts,
  );
}

function table(prefix: string, node: StructuralSchema): string[] {
  return ['| Field | Type | Required | Default | Description |', '|---|---|---|---|---|', ...rows(prefix, node)];
}

function rows(prefix: string, node: StructuralSchema): string[] {
  const required = Array.isArray(node['required']) ? (node['required'] as readonly string[]) : [];
  return properties(node).flatMap(([name, child]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const item = items(child);
    const sentences = [text(child['description']), ...messages(child), ...(item === undefined ? [] : messages(item))];
    const preset = child['default'] === undefined ? '' : `\`${JSON.stringify(child['default'])}\``;
    const row = `| \`${path}\` | ${cell(describeType(child))} | ${required.includes(name) ? 'yes' : ''} | ${preset} | ${cell(sentences.join('<br>'))} |`;
    return [row, ...(item === undefined ? rows(path, child) : rows(`${path}[]`, item))];
  });
}

function ruleLines(node: StructuralSchema): string[] {
  const sentences = messages(node);
  return sentences.length === 0 ? [] : ['', 'The API server refuses what breaks these rules:', '', ...sentences.map((sentence) => `- ${sentence}`)];
}

/** The sentences that the CEL rules of a schema refuse with. */
function messages(node: StructuralSchema): string[] {
  const validations = node['x-kubernetes-validations'];
  if (!Array.isArray(validations)) return [];
  return (validations as readonly { readonly message?: string }[]).flatMap(({ message }) => (message === undefined ? [] : [message]));
}

function properties(node: StructuralSchema): [string, StructuralSchema][] {
  return Object.entries((node['properties'] ?? {}) as Record<string, StructuralSchema>);
}

function property(node: StructuralSchema, name: string): StructuralSchema | undefined {
  return properties(node).find(([key]) => key === name)?.[1];
}

function items(node: StructuralSchema): StructuralSchema | undefined {
  return node['items'] as StructuralSchema | undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function cell(content: string): string {
  return content.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('\n', ' ');
}

function lines(...content: readonly string[]): string {
  return `${content.join('\n')}\n`;
}
