import { IncomingMessage, ServerResponse, type OutgoingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

const secure = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  // TLS ends before the pod; the gateway decides about HSTS for its hosts.
  strictTransportSecurity: false,
});

/** What helmet sets on a response. It is the same for all of them, so it is asked once. */
export function securityHeaders(): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  secure(request, response, (error) => {
    if (error !== undefined) throw error instanceof Error ? error : new TypeError('helmet has set no headers');
  });
  return response.getHeaders();
}
