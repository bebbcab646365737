import { KubeError } from '../kube-error.ts';
import type { ByteStream } from './transport.ts';

const NEWLINE = 10;
/** etcd holds objects of 1.5 MiB by default; a line of this size is not an object but a fault. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * The complete lines of each chunk, so that a chunk with many events costs one turn of the event loop. Cutting happens on bytes,
 * before decoding, so a character spread over two chunks stays whole. A last line without its newline is dropped unless `last: 'keep'`.
 */
export async function* lineBatches(stream: ByteStream, options: { last: 'keep' | 'drop' }): AsyncGenerator<string[], void, undefined> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end === -1) {
      pending.push(chunk);
      pendingBytes += chunk.length;
      if (pendingBytes > MAX_LINE_BYTES) throw new KubeError({ code: 0, reason: 'Malformed', message: `a line of the stream is longer than ${MAX_LINE_BYTES} bytes` });
      yield [];
      continue;
    }
    const text = Buffer.concat([...pending, chunk.subarray(0, end)]).toString('utf8');
    pending = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    pendingBytes = chunk.length - end - 1;
    yield text.split('\n');
  }
  if (options.last === 'keep' && pendingBytes > 0) yield [Buffer.concat(pending).toString('utf8')];
}
