/** An API server's way to say that something failed. */
export interface FaultStatus {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const REASONS: Readonly<Record<number, string>> = { 410: 'Expired', 429: 'TooManyRequests', 500: 'InternalError', 504: 'Timeout' };

export function faultStatus(code: number, headers: Readonly<Record<string, string>> = {}): FaultStatus {
  return { code, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(statusObject(code)) };
}

/** The line that ends a watch which the API server can serve no longer. */
export function errorEvent(code: number): string {
  return `${JSON.stringify({ type: 'ERROR', object: statusObject(code) })}\n`;
}

function statusObject(code: number): object {
  const reason = REASONS[code] ?? 'InternalError';
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message: `the fault proxy says ${code}` };
}
