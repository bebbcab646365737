import type { Plugin } from 'rolldown';

/** What is imported of node:http; a name that is missing here fails the build. */
const PARTS = `
export const { createServer, get } = process.getBuiltinModule('node:http');
`;
const ID = '\0http-parts';

/**
 * An import of node:http reads all that it exports, and with its WebSocket comes the whole of node's own fetch: a third of the time that the
 * operator needs to start.
 */
export const httpParts: Plugin = {
  name: 'http-parts',
  resolveId: (source, _importer, { kind }) => (source === 'node:http' && kind === 'import-statement' ? ID : null),
  load: (id) => (id === ID ? { code: PARTS, moduleType: 'js' } : null),
};
