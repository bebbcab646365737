import { pipeline, Transform, type Duplex, type Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** As fetch does: what a server has sent of a body is read, also where it left out the end. */
const zlibOptions = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const brotliOptions = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

const decoders: ReadonlyMap<string, () => Duplex> = new Map<string, () => Duplex>([
  ['gzip', () => createGunzip(zlibOptions)],
  ['x-gzip', () => createGunzip(zlibOptions)],
  ['deflate', () => createInflate(zlibOptions)],
  ['br', () => createBrotliDecompress(brotliOptions)],
]);

/** What a server is told that it may use: what {@link decodedBody} can read. */
export const acceptedEncodings = 'gzip, deflate, br';

/** Each takes memory of its own: nobody needs more than one, and a server may not ask for many. */
const mostEncodings = 4;

/** Of a body that is small until it is decoded. */
function bounded(limit: number): Transform {
  let left = limit;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      left -= chunk.byteLength;
      if (left < 0) done(new RangeError(`more than ${limit} bytes`));
      else done(null, chunk);
    },
  });
}

/** The body as it was before the server encoded it; undefined where it was not encoded, or in a way that nobody here knows: then it is handed on as it is. */
export function decodedBody(body: Readable, encoding: string | undefined, longest?: number): Readable | undefined {
  if (encoding === undefined) return undefined;
  const names = encoding.toLowerCase().split(',').map((name) => name.trim());
  const chain = names.toReversed().map((name) => decoders.get(name));
  if (chain.length > mostEncodings) return undefined;
  let decoded: Readable | undefined;
  for (const decoder of chain) {
    if (decoder === undefined) return undefined;
    // What breaks the body off breaks off what is read of it, and the reader is told.
    decoded = pipeline(decoded ?? body, decoder(), () => {});
  }
  return decoded === undefined || longest === undefined ? decoded : pipeline(decoded, bounded(longest), () => {});
}
