import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { buildConnector } from 'undici';
import { EgressRefused } from './egress-refused.ts';
import { dialRefusal, type EgressPolicy } from './policy.ts';

/** All addresses of a name, in the order in which they are to be tried. */
export type ResolveHost = (host: string) => Promise<readonly LookupAddress[]>;

/** The resolver of the system: /etc/hosts and the search domains of the pod included. */
export const resolveBySystem: ResolveHost = async (host) => {
  const { promise, resolve, reject } = Promise.withResolvers<readonly LookupAddress[]>();
  systemLookup(host, { all: true, verbatim: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  return await promise;
};

export interface ConnectorOptions {
  readonly policy: Pick<EgressPolicy, 'allowedNetworks'>;
  readonly resolveHost: ResolveHost;
  readonly connectTimeoutMilliseconds: number;
}

async function checkedAddresses(host: string, { policy, resolveHost }: ConnectorOptions): Promise<readonly [LookupAddress, ...LookupAddress[]]> {
  const [first, ...others] = await resolveHost(host);
  if (first === undefined) throw Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' });
  const addresses = [first, ...others] as const;
  // One bad address among good ones is how rebinding looks, so the name as a whole is refused.
  const refused = addresses.map(({ address }) => dialRefusal(host, address, policy)).find((reason) => reason !== undefined);
  if (refused !== undefined) throw new EgressRefused(refused);
  return addresses;
}

/** What the socket connects to is what this hands over: there is no second look-up between check and use. */
function checkedLookup(options: ConnectorOptions): LookupFunction {
  const answer = async (...[host, wanted, done]: Parameters<LookupFunction>): Promise<void> => {
    const found = await checkedAddresses(host, options).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (found instanceof Error) return done(found, '', 0);
    return wanted.all === true ? done(null, [...found]) : done(null, found[0].address, found[0].family);
  };
  return (...call) => void answer(...call);
}

/** The address that is connected, whatever way led to it. A closed socket has none. */
function socketRefusal(host: string, socket: Socket, { policy }: ConnectorOptions): string | undefined {
  return socket.remoteAddress === undefined ? `the connection to ${host} was closed at once` : dialRefusal(host, socket.remoteAddress, policy);
}

/** Connects to addresses that were checked, and to nothing else. */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: options.connectTimeoutMilliseconds, allowH2: false, lookup: checkedLookup(options) });
  return (target, callback) => {
    const host = target.hostname;
    connect(target, (...[error, socket]) => {
      if (error !== null || socket === null) return callback(error ?? new Error('no connection'), null);
      const refused = socketRefusal(host, socket, options);
      if (refused === undefined) return callback(null, socket);
      socket.destroy();
      return callback(new EgressRefused(refused), null);
    });
  };
}
