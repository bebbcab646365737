import { stringify } from 'yaml';
import { customResourceDefinition, type CustomResourceDefinition } from '../custom-resource-definition.ts';
import { definitions } from '../definitions.ts';
import { generatedMark, type GeneratedFiles } from './generated-files.ts';

/** Helm then leaves the CRD, and with it every object of the kind, where it is when the chart is uninstalled. */
const keep = { 'helm.sh/resource-policy': 'keep' };

/** The CRDs twice: for `kubectl apply -f crds/manifests/`, and for the chart. */
export function manifests(): GeneratedFiles {
  const files = new Map<string, string>();
  for (const definition of definitions) {
    const crd = customResourceDefinition(definition);
    files.set(`crds/manifests/${definition.plural}.yaml`, yaml(crd));
    files.set(`charts/sluice/files/crds/${definition.plural}.yaml`, yaml({ ...crd, metadata: { ...crd.metadata, annotations: keep } }));
  }
  return files;
}

/** Kubernetes reads YAML 1.1, where a bare Yes or No is no text. */
function yaml(crd: CustomResourceDefinition): string {
  return `# ${generatedMark} Source: crds/src\n${stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' })}`;
}
