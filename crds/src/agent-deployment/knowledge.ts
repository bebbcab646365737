import { z } from 'zod';
import { nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const document = z
  .object({
    id: z
      .string()
      .min(1)
      .max(128)
      .meta(rules({ rule: "self.matches('^[A-Za-z0-9][-A-Za-z0-9._/]*$')", message: 'spec.agent.knowledge[].documents[].id may hold letters, digits, "-", ".", "_" and "/" only, because answers cite by it: rename the document' }))
      .describe('Names the document in citations.'),
    title: z.string().min(1).max(256).optional().describe('What people call it.'),
    url: z.string().min(1).max(2_048).optional().describe('Where people read it.'),
    text: z.string().min(1).max(65_536).describe('The text, plain or Markdown.'),
  })
  .describe('One document.');

/** Documents that agents search. */
export const knowledge = z
  .object({
    name: nameField('spec.agent.knowledge[].name').describe('Tools name it by this.'),
    documents: z
      .array(document)
      .min(1)
      .max(256)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'] } })
      .optional()
      .describe('The documents themselves: a change of them is a new revision.'),
    directory: z
      .string()
      .max(512)
      .meta(rules({ rule: "self.startsWith('/') && !self.contains('/../')", message: 'spec.agent.knowledge[].directory must be an absolute path without "..", for example "/knowledge"' }))
      .optional()
      .describe('A folder of .md and .txt files that spec.template mounts. A ConfigMap that is mounted is pinned with the revision; other volumes are read at start as they are.'),
    index: z.enum(['Embedded', 'Store']).optional().describe('Where the full text is. Embedded: in the memory of each pod. Store: in the database of the agent where that is Postgres, once for all pods. Default Embedded.'),
  })
  .meta(rules({ rule: 'has(self.documents) != has(self.directory)', message: 'spec.agent.knowledge[] needs exactly one of documents and directory: write the documents, or name the folder that holds them' }))
  .describe('A collection of documents.');
