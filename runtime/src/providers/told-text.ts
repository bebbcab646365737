import type { CompleteOptions } from './model-client.ts';

/** Listens along to what a call tells of its text. */
export interface ToldText {
  readonly onText: CompleteOptions['onText'];
  /** Whether any was told: then another call would begin anew before the eyes of the caller. */
  readonly any: () => boolean;
}

export function listenAlong(onText: CompleteOptions['onText']): ToldText {
  let told = false;
  const listen = (text: string): void => {
    told = true;
    onText?.(text);
  };
  return { onText: onText && listen, any: () => told };
}
