import type { Clock } from '@sluice/kube';
import type { Dispatcher } from 'undici';
import { EvidenceError, type PodTarget } from './evidence-source.ts';

export interface PageRequest {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  /** Milliseconds for the whole page. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** The metrics page of one pod. Rejects with an {@link EvidenceError} unless the whole page came in time with status 200 and within the size. */
export async function fetchMetricsPage(target: PodTarget, request: PageRequest): Promise<string> {
  const expiry = new AbortController();
  const timer = request.clock.setTimer(request.timeoutMs, () => expiry.abort(new Error(`no metrics page within ${request.timeoutMs} ms`)));
  try {
    return await readPage(target, request, AbortSignal.any([request.signal, expiry.signal]));
  } catch (cause) {
    throw new EvidenceError(`pod ${target.uid} at ${originOf(target)} could not be scraped`, { cause });
  } finally {
    timer.cancel();
  }
}

async function readPage(target: PodTarget, request: PageRequest, signal: AbortSignal): Promise<string> {
  const { dispatcher, maxBytes } = request;
  const response = await dispatcher.request({ origin: originOf(target), path: '/metrics', method: 'GET', signal, headers: { accept: 'text/plain' } });
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the body, and its connection with it.
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    if (response.statusCode !== 200) throw new Error(`the metrics page answered with status ${response.statusCode}`);
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the metrics page is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function originOf({ ip, port }: PodTarget): string {
  return ip.includes(':') ? `http://[${ip}]:${port}` : `http://${ip}:${port}`;
}
