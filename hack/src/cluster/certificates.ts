import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, runCommand } from '../process/command.ts';
import { isErrno } from '../process/identity.ts';
import type { Clock } from '../progress/clock.ts';
import { ClusterError } from './cluster-error.ts';

export interface CertificateRequest {
  /** File name without its end: `<name>.crt` and `<name>.key`. */
  readonly name: string;
  readonly commonName: string;
  /** The Kubernetes group that a client certificate carries. */
  readonly organization?: string;
  /** Subject alternative names: `IP:10.0.0.1`, `DNS:localhost`. */
  readonly names?: readonly string[];
  /** The authority that signs it; an authority of its own without. */
  readonly issuer?: string;
}

export interface CertificatesOptions {
  readonly folder: string;
  readonly openssl: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export const SERVICE_ACCOUNT_KEY = 'service-account';

const VALID_DAYS = 3650;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Certificates that end sooner than this are made anew. */
const RENEW_BEFORE_MS = 30 * DAY_MS;
const OPENSSL_TIMEOUT_MS = 20_000;
const REQUEST_CONFIG = '[req]\ndistinguished_name = subject\nprompt = no\n[subject]\nCN = unused\n';
const RSA_BITS = 2048;
const NEW_CERTIFICATE = ['req', '-x509', '-config', 'openssl.cnf', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];

/** Makes the certificates and the service account key, unless all are there, fit the requests and last; says whether it made them. */
export async function ensureCertificates(requests: readonly CertificateRequest[], options: CertificatesOptions): Promise<'kept' | 'made'> {
  const wanted = JSON.stringify(requests);
  if ((await readText(join(options.folder, 'requests.json'))) === wanted && (await allLast(requests, options))) return 'kept';
  await rm(options.folder, { recursive: true, force: true });
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  await writeFile(join(options.folder, 'openssl.cnf'), REQUEST_CONFIG);
  for (const request of requests) await makeCertificate(request, options);
  await makeServiceAccountKey(options.folder);
  await writeFile(join(options.folder, 'requests.json'), wanted);
  return 'made';
}

async function allLast(requests: readonly CertificateRequest[], options: CertificatesOptions): Promise<boolean> {
  const ends = await Promise.all(requests.map((request) => certificateEnd(join(options.folder, `${request.name}.crt`))));
  return ends.every((end) => end !== undefined && end - options.clock.wallMs() > RENEW_BEFORE_MS);
}

/** When the certificate ends, in milliseconds since 1970; undefined where there is none. */
async function certificateEnd(path: string): Promise<number | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : Date.parse(new X509Certificate(text).validTo);
}

async function makeCertificate(request: CertificateRequest, options: CertificatesOptions): Promise<void> {
  try {
    await runCommand(options.openssl, opensslArguments(request), { signal: options.signal, timeoutMs: OPENSSL_TIMEOUT_MS, cwd: options.folder });
  } catch (error) {
    if (error instanceof CommandError) throw new ClusterError(`certificate ${request.name} could not be made (openssl 3 or newer is needed): ${error.message}`, { cause: error });
    throw error;
  }
}

/** Arguments of the one openssl call that makes key and certificate. */
export function opensslArguments(request: CertificateRequest): readonly string[] {
  const subject = `${request.organization === undefined ? '' : `/O=${request.organization}`}/CN=${request.commonName}`;
  const extensions =
    request.issuer === undefined
      ? ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature']
      : ['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=clientAuth,serverAuth'];
  if (request.names !== undefined) extensions.push(`subjectAltName=${request.names.join(',')}`);
  const signer = request.issuer === undefined ? [] : ['-CA', `${request.issuer}.crt`, '-CAkey', `${request.issuer}.key`];
  const files = ['-keyout', `${request.name}.key`, '-out', `${request.name}.crt`];
  return [...NEW_CERTIFICATE, '-days', String(VALID_DAYS), '-subj', subject, ...files, ...signer, ...extensions.flatMap((extension) => ['-addext', extension])];
}

/** The key pair that signs and checks service account tokens. */
async function makeServiceAccountKey(folder: string): Promise<void> {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await writeFile(join(folder, `${SERVICE_ACCOUNT_KEY}.key`), pair.privateKey, { mode: 0o600 });
  await writeFile(join(folder, `${SERVICE_ACCOUNT_KEY}.pub`), pair.publicKey);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
