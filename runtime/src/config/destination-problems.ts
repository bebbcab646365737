import { hostPatternProblem, isAllowedHost } from '../egress/host-pattern.ts';
import { parseIp, parseNetwork } from '../egress/ip-address.ts';
import { dialRefusal } from '../egress/policy.ts';
import type { ConfigProblem } from './config-error.ts';

/** A URL with the hosts and networks that its calls may reach. */
export interface Destination {
  readonly url: string;
  readonly allowedHosts: readonly string[];
  readonly allowedNetworks?: readonly string[] | undefined;
}

export function hasCredentials(url: URL): boolean {
  return url.username !== '' || url.password !== '';
}

function originProblems(destination: Destination, at: string): ConfigProblem[] {
  const field = `${at}.url`;
  const url = new URL(destination.url);
  if (hasCredentials(url)) return [{ field, problem: 'holds credentials', fix: 'Remove the part before "@"; the bundle must not hold secrets' }];
  if (/[{}]|%7b|%7d/i.test(url.host)) return [{ field, value: destination.url, problem: 'has a placeholder in its host', fix: 'Name the host; placeholders are for the path and the query' }];
  if (!isAllowedHost(url, destination.allowedHosts)) return [{ field, value: destination.url, problem: `has the host ${url.host}, which ${at}.allowedHosts does not allow, so every call would be refused`, fix: `Add "${url.hostname}" to allowedHosts, or correct the URL` }];
  return [];
}

function addressProblems(destination: Destination, at: string): ConfigProblem[] {
  const { hostname } = new URL(destination.url);
  const refused = parseIp(hostname) === undefined ? undefined : dialRefusal(hostname, hostname, destination);
  return refused === undefined ? [] : [{ field: `${at}.url`, value: destination.url, problem: `cannot be called: ${refused}`, fix: 'Name another host; metadata, link-local and reserved addresses are closed to tools' }];
}

function allowListProblems({ allowedHosts }: Destination, at: string): ConfigProblem[] {
  return allowedHosts.flatMap((pattern, index) => {
    const problem = hostPatternProblem(pattern);
    return problem === undefined ? [] : [{ field: `${at}.allowedHosts[${index}]`, value: pattern, problem, fix: 'Write a host such as "api.example.com", or "*.example.com" for all names below it' }];
  });
}

function networkProblems({ allowedNetworks = [] }: Destination, at: string): ConfigProblem[] {
  return allowedNetworks.flatMap((cidr, index) => (parseNetwork(cidr) === undefined ? [{ field: `${at}.allowedNetworks[${index}]`, value: cidr, problem: 'is no network', fix: 'Write a CIDR such as "10.20.0.0/16"' }] : []));
}

const checks = [originProblems, addressProblems, allowListProblems, networkProblems];

/** What is wrong with a destination; `at` is its path in the bundle. */
export function destinationProblems(destination: Destination | undefined, at: string): ConfigProblem[] {
  return destination === undefined ? [] : checks.flatMap((check) => check(destination, at));
}
