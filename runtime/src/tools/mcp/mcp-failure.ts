import { ProtocolError, SdkError, SdkHttpError } from '@modelcontextprotocol/client';
import { failedAttempt, type Attempt } from '../tool-runner.ts';

/** An answer of the server that says no: the connection is as good as before. */
export function saidNo(error: unknown): Attempt | undefined {
  if (error instanceof ProtocolError) return failedAttempt('error', `the server refused the call: JSON-RPC error ${error.code}`);
  return undefined;
}

/** What went wrong with the connection itself, without what the server wrote. */
export function connectionFailure(error: unknown): Attempt | undefined {
  if (error instanceof SdkHttpError) return failedAttempt('error', `HTTP ${error.status}`, error.status >= 500 || error.status === 429 || error.status === 404 ? { kind: 'passing' } : undefined);
  if (error instanceof SdkError) return failedAttempt('error', `the server does not speak the protocol: ${error.code}`);
  return undefined;
}
