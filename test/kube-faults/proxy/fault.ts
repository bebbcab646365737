/** What may be done to a call before the API server hears of it. */
export const requestFaults = ['refused', 'reset', 'silence', 'retry-at-once', 'retry-later', 'error-500', 'error-504'] as const;
/** What may be done to the answer of a call: the API server has done its work by then. */
export const answerFaults = ['answer-lost', 'applied-500', 'applied-504', 'silence-after-headers', 'half-body', 'half-chunk', 'byte-by-byte', 'skewed-date'] as const;
/** What may be done instead of opening a watch. */
export const openingFaults = [...requestFaults, 'gone'] as const;
/** What may be done to the lines of a watch that goes on. */
export const lineFaults = ['duplicated', 'swapped', 'byte-by-byte', 'skewed-date'] as const;
/** What may end a watch, or leave it open and dead. */
export const endingFaults = ['stream-reset', 'stream-silence', 'silence-after-headers', 'stream-end', 'half-line', 'half-chunk', 'event-410', 'event-500', 'event-504'] as const;

export type RequestFault = (typeof requestFaults)[number];
export type AnswerFault = (typeof answerFaults)[number];
export type OpeningFault = (typeof openingFaults)[number];
export type LineFault = (typeof lineFaults)[number];
export type EndingFault = (typeof endingFaults)[number];
export type FaultKind = RequestFault | AnswerFault | OpeningFault | LineFault | EndingFault;

/** One thing that goes wrong with one request: a description without behaviour, drawn from a seed. */
export interface Fault {
  readonly kind: FaultKind;
  /** In a watch: lines that pass before it strikes. */
  readonly afterLines: number;
  /** In a watch: milliseconds after which it strikes without having seen those lines, where it needs none. */
  readonly afterMs: number;
  /** Milliseconds for which new connections are refused (`refused`); lines that are repeated (`duplicated`) or go out byte by byte; years the Date is off (`skewed-date`). */
  readonly amount: number;
}

/** What a plan may look at. */
export interface RequestFacts {
  readonly lane: 'watch' | 'read' | 'write';
  readonly method: string;
  readonly path: string;
}

/** Says what goes wrong with each request; an empty answer lets it pass whole. */
export interface FaultPlan {
  draw(request: RequestFacts): readonly Fault[];
}

export const noFaults: FaultPlan = { draw: () => [] };

/** Every kind there is, once. */
export const allFaultKinds: readonly FaultKind[] = [...new Set<FaultKind>([...openingFaults, ...answerFaults, ...lineFaults, ...endingFaults])];

export function isOneOf<K extends FaultKind>(kinds: readonly K[], kind: FaultKind): kind is K {
  return (kinds as readonly FaultKind[]).includes(kind);
}

/** The same fault on every request of a lane: for looking at one fault at a time. */
export function always(lane: RequestFacts['lane'], fault: Fault): FaultPlan {
  return { draw: (request) => (request.lane === lane ? [fault] : []) };
}
