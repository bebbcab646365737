import type { Clock } from '../platform/clock.ts';
import type { AnswerPiece } from './task-events.ts';

/** The library copies the whole task at every piece, so a model that writes letter by letter must not make one of each. */
const gatherMilliseconds = 40;

export interface AnswerPieces {
  /** Text of an earlier turn is no part of the answer: the first piece of a turn stands in place of what came before. */
  readonly add: (part: { readonly turn: number; readonly text: string }) => void;
  /** The end of the answer; what was sent before is replaced where it is not how the answer begins. */
  readonly finish: (answer: string) => void;
  /** Sends nothing more. */
  readonly drop: () => void;
}

/** Sends an answer in pieces: the first text of a turn at once, later ones gathered. */
export function createAnswerPieces(clock: Clock, send: (piece: AnswerPiece) => void): AnswerPieces {
  let turn = 0;
  let sent = '';
  let waiting = '';
  let cancel: (() => void) | undefined;
  const stop = (): void => {
    cancel?.();
    cancel = undefined;
  };
  const flush = (): void => {
    cancel = undefined;
    if (waiting === '') return;
    send({ text: waiting, mode: sent === '' ? 'begin' : 'continue', place: 'middle' });
    sent += waiting;
    waiting = '';
    cancel = clock.after(gatherMilliseconds, flush);
  };
  return {
    add: (part) => {
      if (part.turn !== turn) {
        stop();
        [turn, sent, waiting] = [part.turn, '', ''];
      }
      waiting += part.text;
      if (cancel === undefined) flush();
    },
    finish: (answer) => {
      stop();
      const continues = sent !== '' && answer.startsWith(sent);
      send({ text: continues ? answer.slice(sent.length) : answer, mode: continues ? 'continue' : 'begin', place: 'last' });
    },
    drop: stop,
  };
}
