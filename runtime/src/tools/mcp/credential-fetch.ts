import { isDeepStrictEqual } from 'node:util';
import type { Credential } from '../credentials/credential.ts';

/** `send` with the credential on each request, and once more with a newer one after a 401, which says that nothing was done. Bodies are texts. */
export function fetchWithCredential(send: typeof fetch, credential: Credential | undefined): typeof fetch {
  if (credential === undefined) return send;
  return async (input, init) => {
    const signal = init?.signal ?? new AbortController().signal;
    const withHeaders = async (known: Readonly<Record<string, string>>): Promise<Response> => {
      const headers = new Headers(init?.headers);
      for (const [name, value] of Object.entries(known)) headers.set(name, value);
      return await send(input, { ...init, headers });
    };
    const known = await credential.headers(signal);
    const response = await withHeaders(known);
    if (response.status !== 401) return response;
    credential.refused();
    const newer = await credential.headers(signal);
    if (isDeepStrictEqual(newer, known)) return response;
    await response.body?.cancel();
    return await withHeaders(newer);
  };
}
