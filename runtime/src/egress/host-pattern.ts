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
