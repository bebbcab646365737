import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { definitions } from '@sluice/crds';

const scripts = fileURLToPath(new URL('../../argocd/sluice.dev/', import.meta.url));
const group = 'sluice.dev';

const header = `# Health and actions of Sluice's kinds for Argo CD. Generated from argocd/sluice.dev by test/argocd/main.ts; see docs/argocd.md.
# Adds these keys to the ConfigMap and leaves the others alone:
#   kubectl apply --server-side --field-manager=sluice -f argocd/argocd-cm.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
  namespace: argocd
  labels:
    app.kubernetes.io/name: argocd-cm
    app.kubernetes.io/part-of: argocd
data:
`;

/** The ConfigMap in which Argo CD looks for the scripts, as YAML. Rejects when a kind has no health script. */
export async function argocdConfigMap(): Promise<string> {
  const entries: string[] = [];
  for (const { kind } of definitions) {
    entries.push(entry(`resource.customizations.health.${group}_${kind}`, await readFile(`${scripts}${kind}/health.lua`, 'utf8')));
    const names = await actionNames(kind);
    if (names.length > 0) entries.push(entry(`resource.customizations.actions.${group}_${kind}`, await actions(kind, names)));
  }
  return `${header}${entries.join('')}`;
}

/** The actions of a kind, sorted; none where it has no folder of them. */
export async function actionNames(kind: string): Promise<string[]> {
  const found = await readdir(`${scripts}${kind}`, { recursive: true });
  return found.flatMap((path) => /^actions\/([a-z-]+)\/action\.lua$/.exec(path)?.[1] ?? []).toSorted();
}

async function actions(kind: string, names: readonly string[]): Promise<string> {
  const folder = `${scripts}${kind}/actions`;
  const discovery = await readFile(`${folder}/discovery.lua`, 'utf8');
  const parts = [`discovery.lua: |\n${indented(discovery, 2)}definitions:\n`];
  for (const name of names) parts.push(`  - name: ${name}\n    action.lua: |\n${indented(await readFile(`${folder}/${name}/action.lua`, 'utf8'), 6)}`);
  return parts.join('');
}

function entry(key: string, text: string): string {
  return `  ${key}: |\n${indented(text, 4)}`;
}

function indented(text: string, width: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(width));
}
