import { open } from 'node:fs/promises';
import { PrometheusError } from './prometheus-error.ts';

/** Bytes; tokens and bundles of certificates are smaller. */
const largestFile = 1_048_576;

/** The text of a small file. Throws PrometheusError that names the file and never what is in it. */
export async function readSmallFile(what: string, path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > largestFile) throw new PrometheusError(`${what} ${path} has ${size} bytes; ${largestFile} at most are read`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof PrometheusError) throw error;
    throw new PrometheusError(`${what} ${path} cannot be read: ${codeOf(error) ?? 'no reason was given'}`);
  }
}

/** The bearer token, read with each query because it is rotated. */
export async function readToken(path: string): Promise<string> {
  const token = (await readSmallFile('the bearer token file', path)).trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new PrometheusError(`the bearer token file ${path} holds no token: it must be one line of visible ASCII characters`);
  return token;
}

/** The code of a system, network or TLS error, such as ECONNREFUSED or DEPTH_ZERO_SELF_SIGNED_CERT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
