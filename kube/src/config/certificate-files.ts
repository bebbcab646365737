import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { configError } from './config-error.ts';
import type { ClientCertificate, Credential, CredentialSource } from './connection.ts';
import { FILE_TTL_MS } from './refreshed-file.ts';

/** A rotation replaces two files one after the other: what does not fit together yet will in a moment. */
const HALF_ROTATED_MS = 1_000;

export interface CertificatePaths {
  readonly cert: string;
  /** May be the same file, as the kubelet writes it. */
  readonly key: string;
}

/**
 * Client certificate and key in files that something rotates. They are read together and used only when they belong to each other;
 * until they do again, the last pair that did is served.
 */
export class CertificateFiles implements CredentialSource {
  readonly #paths: CertificatePaths;
  readonly #clock: Clock;
  readonly #authorization: string | undefined;
  #pair: ClientCertificate | undefined;
  #freshUntil = Number.NEGATIVE_INFINITY;
  #reading: Promise<ClientCertificate> | undefined;

  constructor(paths: CertificatePaths, clock: Clock, authorization?: string) {
    this.#paths = paths;
    this.#clock = clock;
    this.#authorization = authorization;
  }

  async current(): Promise<Credential> {
    return { authorization: this.#authorization, certificate: await this.#current() };
  }

  rejected(): void {
    this.#freshUntil = Number.NEGATIVE_INFINITY;
  }

  #current(): Promise<ClientCertificate> {
    if (this.#pair !== undefined && this.#clock.monotonic() < this.#freshUntil) return Promise.resolve(this.#pair);
    this.#reading ??= this.#load().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #load(): Promise<ClientCertificate> {
    try {
      this.#pair = await readPair(this.#paths);
      this.#freshUntil = this.#clock.monotonic() + FILE_TTL_MS;
      return this.#pair;
    } catch (error) {
      if (this.#pair === undefined) throw error;
      this.#freshUntil = this.#clock.monotonic() + HALF_ROTATED_MS;
      return this.#pair;
    }
  }
}

async function readPair(paths: CertificatePaths): Promise<ClientCertificate> {
  const [cert, key] = await Promise.all([readPem(paths.cert), readPem(paths.key)]);
  const certificate = parsed(() => new X509Certificate(cert), `'${paths.cert}' holds no certificate in PEM`);
  const privateKey = parsed(() => createPrivateKey(key), `'${paths.key}' holds no private key in PEM without a passphrase`);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw configError(`the client certificate '${paths.cert}' and the key '${paths.key}' do not belong together; write both anew from one issue`);
  }
  return { cert, key };
}

async function readPem(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw configError(`'${path}' cannot be read; it must hold a client certificate or key`, error);
  }
}

/** Without the cause: what a parser says may quote a key. */
function parsed<R>(parse: () => R, message: string): R {
  try {
    return parse();
  } catch {
    throw configError(message);
  }
}
