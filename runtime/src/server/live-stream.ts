import type { Clock } from '../platform/clock.ts';
import { eventText, type EventStream } from './server-sent-events.ts';

/** The events of one request, kept while it is worked on, so that a reader whose connection broke can go on. */
export interface LiveStream {
  readonly send: (event: string, data: unknown) => void;
  /** After the last event. */
  readonly end: () => void;
  /** Sends a reader the events after `after`, and those that come. The returned function takes it off. */
  readonly attach: (reader: EventStream, after: number) => () => void;
  /** All events so far. */
  readonly text: () => string;
}

export interface LiveStreamOptions {
  readonly clock: Clock;
  /** Milliseconds that the work goes on without a reader. */
  readonly unreadMilliseconds: number;
  /** UTF-16 units of all events. */
  readonly maximumLength: number;
  /** Nobody came back, or there is more than may be kept: the work may stop. */
  readonly onAbandoned: () => void;
}

export function createLiveStream({ clock, unreadMilliseconds, maximumLength, onAbandoned }: LiveStreamOptions): LiveStream {
  const events: string[] = [];
  const readers = new Set<EventStream>();
  let length = 0;
  let state: 'open' | 'ended' = 'open';
  let cancelUnread = (): void => {};
  const detach = (reader: EventStream): void => {
    if (!readers.delete(reader) || readers.size > 0 || state === 'ended') return;
    cancelUnread = clock.after(unreadMilliseconds, onAbandoned);
  };
  return {
    send: (event, data) => {
      const text = eventText({ id: events.length + 1, event, data });
      length += text.length;
      if (length > maximumLength) return onAbandoned();
      events.push(text);
      for (const reader of readers) reader.sendText(text);
    },
    end: () => {
      state = 'ended';
      cancelUnread();
      for (const reader of readers) reader.end();
      readers.clear();
    },
    attach: (reader, after) => {
      for (const text of events.slice(after)) reader.sendText(text);
      if (state === 'ended') reader.end();
      else readers.add(reader);
      cancelUnread();
      return () => detach(reader);
    },
    text: () => events.join(''),
  };
}

/** Of events that were kept as text, those after `after`. */
export function eventsAfter(text: string, after: number): string {
  return text
    .split(/(?<=\n\n)/)
    .filter((event) => Number(/^id: (\d+)\n/.exec(event)?.[1]) > after)
    .join('');
}
