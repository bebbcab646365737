import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface KubeconfigOptions {
  /** Name of the cluster, the context and the user. */
  readonly name: string;
  readonly server: string;
  /** The folder of the certificates. */
  readonly pki: string;
  /** File name, without its end, of the client certificate. */
  readonly client: string;
}

interface KubeconfigParts {
  readonly name: string;
  readonly server: string;
  readonly authority: Buffer;
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** Writes a kubeconfig that needs no other file; readable by its owner only, for it carries a key. */
export async function writeKubeconfig(path: string, options: KubeconfigOptions): Promise<void> {
  const [authority, certificate, key] = await Promise.all([
    readFile(join(options.pki, 'ca.crt')),
    readFile(join(options.pki, `${options.client}.crt`)),
    readFile(join(options.pki, `${options.client}.key`)),
  ]);
  await writeFile(path, renderKubeconfig({ name: options.name, server: options.server, authority, certificate, key }), { mode: 0o600 });
}

export function renderKubeconfig(parts: KubeconfigParts): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: parts.name, cluster: { server: parts.server, 'certificate-authority-data': parts.authority.toString('base64') } }],
    users: [
      {
        name: parts.name,
        user: { 'client-certificate-data': parts.certificate.toString('base64'), 'client-key-data': parts.key.toString('base64') },
      },
    ],
    contexts: [{ name: parts.name, context: { cluster: parts.name, user: parts.name } }],
    'current-context': parts.name,
  });
}
