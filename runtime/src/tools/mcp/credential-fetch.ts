import type { Credential } from '../credentials/credential.ts';
import { sendWithCredential } from '../credentials/send-with-credential.ts';

/** `send` with the credential on each request. Bodies are texts, as one may be sent twice. */
export function fetchWithCredential(send: typeof fetch, credential: Credential | undefined): typeof fetch {
  if (credential === undefined) return send;
  return async (input, init) => {
    const signal = init?.signal ?? new AbortController().signal;
    const withHeaders = async (known: Readonly<Record<string, string>>): Promise<Response> => {
      const headers = new Headers(init?.headers);
      for (const [name, value] of Object.entries(known)) headers.set(name, value);
      return await send(input, { ...init, headers });
    };
    return await sendWithCredential(credential, { send: withHeaders, discard: async ({ body }) => await body?.cancel() }, signal);
  };
}
