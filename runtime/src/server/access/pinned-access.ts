import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleAccess } from '@sluice/crds';
import { ConfigError } from '../../config/config-error.ts';
import { accessFile, type AccessFile, type ServiceAccounts } from './access-file.ts';

type Read = () => AccessFile | 'same';

/** How the pod meets its cluster. */
export interface ClusterPlace {
  /** Holds a token of the pod's own (`token`) and the authority of the API server (`ca.crt`); undefined: there is none. */
  readonly folder: string | undefined;
  /** The API server, as `https://host:port`. */
  readonly server: string;
  /** `required`: the cluster is asked whether a token is in force still. */
  readonly reviews: 'required' | 'none';
}

/** Each ServiceAccount may read it. */
const keysPath = '/openid/v1/jwks';
/** That takes a right, which `system:auth-delegator` has. */
const reviewsPath = '/apis/authentication.k8s.io/v1/tokenreviews';

/** What a token says of who made it. The token is the pod's own, so nobody else has a say in it. */
function issuerOf(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && 'iss' in claims && typeof claims.iss === 'string' ? claims.iss : undefined;
  } catch {
    return undefined;
  }
}

function readOwnIssuer(tokenFile: string): string {
  let token = '';
  try {
    token = readFileSync(tokenFile, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError([{ field: 'SLUICE_CLUSTER_DIR', value: tokenFile, problem: "names a folder without the pod's own token", fix: 'Leave the volume "sluice-cluster" to the operator, or mount a token and ca.crt there' }], { cause });
  }
  const issuer = issuerOf(token);
  if (issuer !== undefined) return issuer;
  throw new ConfigError([{ field: 'SLUICE_CLUSTER_DIR', value: tokenFile, problem: 'holds a file that is no token of a ServiceAccount', fix: 'Leave the volume "sluice-cluster" to the operator, or mount a token of the API server there' }]);
}

function clusterAccounts({ audience, accounts }: NonNullable<BundleAccess['serviceAccounts']>, { folder, server, reviews }: ClusterPlace): ServiceAccounts {
  if (folder === undefined) throw new ConfigError([{ field: 'SLUICE_CLUSTER_DIR', problem: 'is not set, and access.serviceAccounts needs it', fix: 'Set it to a folder with a ServiceAccount token ("token") and the authority of the API server ("ca.crt")' }]);
  const tokenFile = join(folder, 'token');
  return { issuer: readOwnIssuer(tokenFile), audience, jwksUri: `${server}${keysPath}`, caFile: join(folder, 'ca.crt'), tokenFile, ...(reviews === 'required' ? { reviewUri: `${server}${reviewsPath}` } : {}), accounts: accounts.map((account) => ({ ...account, roles: account.roles ?? [] })) };
}

function merged(file: AccessFile, pinned: AccessFile): AccessFile {
  const pinnedIssuers = new Set(pinned.issuers.map(({ issuer }) => issuer));
  return { ...file, issuers: [...pinned.issuers, ...file.issuers.filter(({ issuer }) => !pinnedIssuers.has(issuer))], serviceAccounts: pinned.serviceAccounts ?? file.serviceAccounts };
}

/**
 * Adds whose tokens the revision takes to what the access file says; what is pinned goes before it. `read` is undefined where there is no
 * file. Throws ConfigError.
 */
export function withPinnedAccess(read: Read | undefined, access: BundleAccess | undefined, cluster: ClusterPlace): Read | undefined {
  if (access === undefined) return read;
  const { issuers = [], serviceAccounts } = access;
  const pinned = accessFile.parse({ issuers, ...(serviceAccounts === undefined ? {} : { serviceAccounts: clusterAccounts(serviceAccounts, cluster) }) });
  if (read === undefined) {
    let given = false;
    return () => {
      if (given) return 'same';
      given = true;
      return pinned;
    };
  }
  return () => {
    const file = read();
    return file === 'same' ? file : merged(file, pinned);
  };
}
