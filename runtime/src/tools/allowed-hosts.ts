const hostName = /^(\*\.)?[a-z0-9]([-.a-z0-9]*[a-z0-9])?$|^\[[0-9a-f:.]+\]$/;

/** What is wrong with a pattern of an allow-list; undefined when nothing is. */
export function hostPatternProblem(pattern: string): string | undefined {
  if (hostName.test(pattern)) return undefined;
  return 'must be a host name in lower case, or "*." and a suffix, without scheme, port and path';
}

function matches(hostname: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) && hostname.length > pattern.length - 1 : hostname === pattern;
}

/** Whether a URL's host is on the list. "*.example.com" stands for the names below example.com, not for itself. */
export function isAllowedHost(url: URL, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(url.hostname, pattern));
}

export interface Reach {
  /** Hosts without ports. */
  readonly allowedHosts: readonly string[];
  /** The port of the tool's own URL; empty for the default port of its scheme. */
  readonly ownPort: string;
}

/** Why a tool may not send a request to this URL; undefined when it may. Applied to the first URL and to every redirect. */
export function refusal(url: URL, { allowedHosts, ownPort }: Reach): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `the scheme ${url.protocol.slice(0, -1)} is not allowed`;
  if (url.username !== '' || url.password !== '') return 'a URL with credentials is not allowed';
  if (!isAllowedHost(url, allowedHosts)) return `the host ${url.hostname} is not on the allow-list of the tool`;
  // A URL has no port when it is the default one of its scheme. Other ports of an allowed host are other servers.
  if (url.port !== '' && url.port !== ownPort) return `the port ${url.port} of ${url.hostname} is not allowed, only that of the tool's own URL and the default one of the scheme`;
  return undefined;
}
