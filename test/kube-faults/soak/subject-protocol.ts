/** Namespace of everything in a soak. */
export const SOAK = 'soak';

/** One line of JSON from the process under test. */
export type SubjectAnswer =
  | {
    readonly say: 'sample';
    readonly heapBytes: number;
    readonly rssBytes: number;
    readonly sockets: number;
    readonly timers: number;
    /** Changes that its informers have told of. */
    readonly events: number;
    /** Faults that its informers reported and survived. */
    readonly survived: number;
    readonly objects: number;
  }
  | { readonly say: 'digest'; readonly digest: string };
