import { isDeepStrictEqual } from 'node:util';
import type { Credential } from './credential.ts';

export interface Sending<Response extends { readonly status: number }> {
  /** Sends the request with these headers besides its own. */
  readonly send: (headers: Readonly<Record<string, string>>) => Promise<Response>;
  /** Gives up an answer that is not wanted. */
  readonly discard: (response: Response) => Promise<void>;
}

/** Sends with the credential, and once more with a newer one after a 401: a server that says so has done nothing. */
export async function sendWithCredential<Response extends { readonly status: number }>(credential: Credential, { send, discard }: Sending<Response>, signal: AbortSignal): Promise<Response> {
  const known = await credential.headers(signal);
  const response = await send(known);
  if (response.status !== 401) return response;
  credential.refused();
  const newer = await credential.headers(signal);
  if (isDeepStrictEqual(newer, known)) return response;
  await discard(response);
  return await send(newer);
}
