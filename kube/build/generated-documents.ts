import { metricDefinitions } from '../src/metrics/definitions.ts';
import { apiTables } from './api-tables.ts';
import { withGenerated } from './generated-part.ts';
import { metricTables } from './metric-tables.ts';
import { publicDeclarations } from './public-declarations.ts';

/** The documents with a part that is made from the source, and how each is made anew. */
export const generatedDocuments: readonly { readonly file: string; readonly renew: (document: string) => Promise<string> }[] = [
  { file: 'docs/metrics.md', renew: (document) => Promise.resolve(withGenerated(document, 'src/metrics/definitions.ts', metricTables(metricDefinitions))) },
  { file: 'docs/api.md', renew: async (document) => withGenerated(document, 'src/index.ts', apiTables(await publicDeclarations('index.ts'))) },
];
