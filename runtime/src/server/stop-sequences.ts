/** Lets the text of an answer through until the first of its stop sequences, which is not a part of it. */
export interface StopFilter {
  /** What may be told after this piece: the beginning of a sequence waits until it is known to be none. */
  readonly push: (text: string) => string;
  /** What waited, after the last piece. */
  readonly end: () => string;
}

function firstStop(text: string, sequences: readonly string[]): number {
  return sequences.map((sequence) => text.indexOf(sequence)).filter((place) => place !== -1).reduce((first, place) => Math.min(first, place), Number.POSITIVE_INFINITY);
}

/** Characters at the end of the text that may be the beginning of a sequence. */
function begun(text: string, sequences: readonly string[]): number {
  const lengths = sequences.map((sequence) => {
    for (let length = Math.min(sequence.length - 1, text.length); length > 0; length -= 1) if (text.endsWith(sequence.slice(0, length))) return length;
    return 0;
  });
  return Math.max(0, ...lengths);
}

/** The text until the first of the sequences. */
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
