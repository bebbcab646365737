import type { Plugin } from 'rolldown';

/** What the runtime uses of undici, each from its own file; a name that is missing here fails the build. */
const PARTS = `
import api from 'undici/lib/api/index.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
Object.assign(Dispatcher.prototype, api);
export { Dispatcher };
export { default as Agent } from 'undici/lib/dispatcher/agent.js';
export { default as Pool } from 'undici/lib/dispatcher/pool.js';
export { default as buildConnector } from 'undici/lib/core/connect.js';
export { fetch } from 'undici/lib/web/fetch/index.js';
export function request(url, { dispatcher, ...options }) {
  return dispatcher.request({ ...options, origin: url.origin, path: url.pathname + url.search });
}
`;
const ID = '\0undici-parts';

/** A second parser of HTTP/1.1, an experiment that has to be switched on; twice, with SIMD and without. */
const MILO = /\/milo\/(no-)?simd\.js$/;
const MILO_ID = '\0undici-milo';

/** Leaves out WebSocket, caches, mocks, proxies and the parser that nobody switches on: undici's index loads all of it, and a bundler cannot tell that nobody wants it. */
export const undiciParts: Plugin = {
  name: 'undici-parts',
  resolveId: (source) => (source === 'undici' ? ID : MILO.test(source) ? MILO_ID : null),
  load: (id) => {
    if (id === MILO_ID) return { code: "throw new Error('milo is not in this program')", moduleType: 'js' };
    return id === ID ? { code: PARTS, moduleType: 'js', moduleSideEffects: true } : null;
  },
};
