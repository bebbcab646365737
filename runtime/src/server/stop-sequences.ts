/** Lets the text of an answer through until the first of its stop sequences, which is not a part of it. */
export interface StopFilter {
  /** What may be told after this piece: the beginning of a sequence waits until it is known to be none. */
  readonly push: (text: string) => string;
  /** What waited, after the last piece. */
  readonly end: () => string;
}

/** Where the sequence begins that is complete first, as a reader of the stream meets it; of those that are complete at once, the longest. */
function firstStop(text: string, sequences: readonly string[]): number {
  const found = sequences.map((sequence) => ({ begin: text.indexOf(sequence), length: sequence.length })).filter(({ begin }) => begin !== -1);
  const [first] = found.toSorted((one, other) => one.begin + one.length - other.begin - other.length || one.begin - other.begin);
  return first?.begin ?? Number.POSITIVE_INFINITY;
}

/** Characters at the end of the text that may be the beginning of a sequence. */
function begun(text: string, sequences: readonly string[]): number {
  const lengths = sequences.map((sequence) => {
    for (let length = Math.min(sequence.length - 1, text.length); length > 0; length -= 1) if (text.endsWith(sequence.slice(0, length))) return length;
    return 0;
  });
  return Math.max(0, ...lengths);
}

/** The text until the first of the sequences, however it is cut into pieces. */
export function untilStop(text: string, sequences: readonly string[]): string {
  return text.slice(0, firstStop(text, sequences));
}

export function createStopFilter(sequences: readonly string[]): StopFilter {
  let waiting = '';
  let state: 'open' | 'stopped' = 'open';
  return {
    push: (text) => {
      if (state === 'stopped') return '';
      waiting += text;
      const whole = untilStop(waiting, sequences);
      if (whole.length < waiting.length) {
        state = 'stopped';
        waiting = '';
        return whole;
      }
      const told = waiting.slice(0, waiting.length - begun(waiting, sequences));
      waiting = waiting.slice(told.length);
      return told;
    },
    end: () => {
      const rest = waiting;
      waiting = '';
      return rest;
    },
  };
}
