import { z } from 'zod';
import { keyReference, nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const insidePath = "!self.startsWith('/') && !self.matches('(^|/)[.][.]?(/|$)')";

/** A place in a PersistentVolumeClaim. */
function volumePath(field: string, what: string) {
  return z
    .object({
      claimName: nameField(`${field}.claimName`).describe('Name of the PersistentVolumeClaim in the same namespace; it is mounted read-only.'),
      path: z
        .string()
        .min(1)
        .max(512)
        .meta(rules({ rule: insidePath, message: `${field}.path must be a path within the volume, without "/" in front and without "." and ".." as a part, for example "suites/golden.jsonl"` }))
        .describe(`Path of ${what} in the volume.`),
    })
    .describe('A place in a PersistentVolumeClaim.');
}

/** Further cases of a suite, for more than an EvalSuite can hold. */
export const caseFile = z
  .object({
    configMap: keyReference('spec.casesFrom[].configMap', 'ConfigMap').optional().describe('One key of a ConfigMap in the same namespace.'),
    persistentVolumeClaim: volumePath('spec.casesFrom[].persistentVolumeClaim', 'the file').optional(),
    format: z.enum(['JsonLines', 'Promptfoo']).optional().describe('JsonLines: one case a line, as in spec.cases[]. Promptfoo: a promptfoo configuration. Not set: Promptfoo where the name ends in .yaml or .yml.'),
  })
  .meta(rules({ rule: 'has(self.configMap) != has(self.persistentVolumeClaim)', message: 'spec.casesFrom[] needs exactly one of configMap and persistentVolumeClaim' }))
  .describe('A file of cases: 64 MiB and 10,000 cases at most; it is streamed.');

/** Where the model of `expect.similarTo` is. */
export const embeddingModel = z
  .object({
    persistentVolumeClaim: volumePath('spec.embeddingModel.persistentVolumeClaim', 'the folder').optional(),
    image: z.string().min(1).max(512).optional().describe('An OCI image or artifact with the files at its root; needs a cluster with image volumes.'),
  })
  .meta(rules({ rule: 'has(self.persistentVolumeClaim) != has(self.image)', message: 'spec.embeddingModel needs exactly one of persistentVolumeClaim and image' }))
  .describe('A folder with model.safetensors and tokenizer.json of a static embedding model, for expect.similarTo.');

export type CaseFileSource = z.infer<typeof caseFile>;
export type EmbeddingModelSource = z.infer<typeof embeddingModel>;
