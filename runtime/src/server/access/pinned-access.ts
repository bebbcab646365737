import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleAccess } from '@sluice/crds';
import { ConfigError } from '../../config/config-error.ts';
import { accessFile, type AccessFile, type ServiceAccounts } from './access-file.ts';

type Read = () => AccessFile | 'same';

/** The API server under the name that its certificate has in every cluster; each ServiceAccount may read what is there. */
const clusterKeys = 'https://kubernetes.default.svc/openid/v1/jwks';

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

function clusterAccounts({ audience, accounts }: NonNullable<BundleAccess['serviceAccounts']>, folder: string | undefined): ServiceAccounts {
  if (folder === undefined) throw new ConfigError([{ field: 'SLUICE_CLUSTER_DIR', problem: 'is not set, and access.serviceAccounts needs it', fix: 'Set it to a folder with a ServiceAccount token ("token") and the authority of the API server ("ca.crt")' }]);
  const tokenFile = join(folder, 'token');
  return { issuer: readOwnIssuer(tokenFile), audience, jwksUri: clusterKeys, caFile: join(folder, 'ca.crt'), tokenFile, accounts: accounts.map((account) => ({ ...account, roles: account.roles ?? [] })) };
}

function merged(file: AccessFile, pinned: AccessFile): AccessFile {
  const pinnedIssuers = new Set(pinned.issuers.map(({ issuer }) => issuer));
  return { ...file, issuers: [...pinned.issuers, ...file.issuers.filter(({ issuer }) => !pinnedIssuers.has(issuer))], serviceAccounts: pinned.serviceAccounts ?? file.serviceAccounts };
}

/**
 * Adds whose tokens the revision takes to what the access file says; what is pinned goes before it. `read` is undefined where there is no
 * file. Throws ConfigError.
 */
export function withPinnedAccess(read: Read | undefined, access: BundleAccess | undefined, clusterFolder: string | undefined): Read | undefined {
  if (access === undefined) return read;
  const { issuers = [], serviceAccounts } = access;
  const pinned = accessFile.parse({ issuers, ...(serviceAccounts === undefined ? {} : { serviceAccounts: clusterAccounts(serviceAccounts, clusterFolder) }) });
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
