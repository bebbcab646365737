import type { Plugin } from 'rolldown';

/** What kube/ and the operator use of undici, each from its own file; a name that is missing here fails the build. */
const PARTS = `
import api from 'undici/lib/api/index.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
Object.assign(Dispatcher.prototype, api);
export { Dispatcher };
export { default as Agent } from 'undici/lib/dispatcher/agent.js';
export { default as Pool } from 'undici/lib/dispatcher/pool.js';
export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js';
`;
const ID = '\0undici-parts';

/** Leaves out fetch, WebSocket, caches and mocks: undici's index loads all of it, and a bundler cannot tell that nobody wants it. */
export const undiciParts: Plugin = {
  name: 'undici-parts',
  resolveId: (source) => (source === 'undici' ? ID : null),
  load: (id) => (id === ID ? { code: PARTS, moduleType: 'js', moduleSideEffects: true } : null),
};
