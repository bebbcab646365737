import { ProtocolError, SdkError, SdkHttpError } from '@modelcontextprotocol/client';
import { failedAttempt, type Attempt } from '../tool-runner.ts';

/** An answer of the server that says no: the connection is as good as before. */
export function saidNo(error: unknown): Attempt | undefined {
  if (error instanceof ProtocolError) return failedAttempt('error', `the server refused the call: JSON-RPC error ${error.code}`);
  return undefined;
}

/** Said by what stands in front of the server: nobody knows whether it has acted. */
const requestTimeout = 408;

/** The server, or what stands in front of it, has not let the call in: it has done nothing. */
export function wasTurnedAway(error: unknown): boolean {
  return error instanceof SdkHttpError && error.status >= 400 && error.status <= 499 && error.status !== requestTimeout;
}

/** What went wrong with the connection itself, without what the server wrote. */
export function connectionFailure(error: unknown): { readonly attempt: Attempt; readonly session: 'kept' | 'lost' } | undefined {
  if (error instanceof SdkHttpError) {
    const { status } = error;
    return { attempt: failedAttempt('error', `HTTP ${status}`, status >= 500 || status === 429 || status === 404 ? { kind: 'passing' } : undefined), session: status === 404 ? 'lost' : 'kept' };
  }
  if (error instanceof SdkError) return { attempt: failedAttempt('error', `the server does not speak the protocol: ${error.code}`), session: 'kept' };
  return undefined;
}
