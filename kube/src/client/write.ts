import type { TransportRequest } from '../transport/request.ts';

/** A request that writes, before the options of the call are added. */
export type Write = Pick<TransportRequest, 'method' | 'path' | 'query' | 'body' | 'contentType' | 'repeat'>;
