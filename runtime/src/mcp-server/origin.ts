import { Forbidden } from '../server/request-problems.ts';

/**
 * Throws Forbidden for a request of a web page that is not allowed: a browser sends the page's origin, and a page that has made a name
 * resolve to this server could ask with the reader's access to the network otherwise. Clients that are no browsers send none.
 */
export function checkOrigin(origin: string | undefined, allowed: readonly string[]): void {
  if (origin === undefined || allowed.includes(origin)) return;
  throw new Forbidden('The web page may not ask this agent; spec.agent.interfaces.mcp.allowedOrigins has the origins that may');
}
