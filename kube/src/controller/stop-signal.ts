/** What of `process` is needed. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/**
 * An AbortSignal for SIGTERM and SIGINT: the first one aborts it, for an orderly stop; a second one calls `onSecond`, which should exit at once.
 * `close` gives the signals back.
 */
export function stopSignal(source: SignalSource, onSecond: () => void): { readonly signal: AbortSignal; readonly close: () => void } {
  const stop = new AbortController();
  const listen = (name: 'SIGTERM' | 'SIGINT') => {
    const listener = () => {
      if (stop.signal.aborted) onSecond();
      else stop.abort(new DOMException(`${name} was received`, 'AbortError'));
    };
    source.on(name, listener);
    return () => void source.off(name, listener);
  };
  const ends = [listen('SIGTERM'), listen('SIGINT')];
  return { signal: stop.signal, close: () => { for (const end of ends) end(); } };
}
