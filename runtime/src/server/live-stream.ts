import type { Clock } from '../platform/clock.ts';
import { eventText, readerBytes, type EventStream } from './server-sent-events.ts';

/** The events of one request, kept while it is worked on, so that a reader whose connection broke can go on. */
export interface LiveStream {
  readonly send: (event: string, data: unknown) => void;
  /** After the last event. */
  readonly end: () => void;
  /** Sends a reader the events after `after`, and those that come, no faster than it reads. */
  readonly attach: (reader: EventStream, after: number) => Attached;
  /** All events so far. */
  readonly text: () => string;
}

export interface Attached {
  /** The reader asks for more; the events themselves are kept once for all readers. */
  readonly onRead: () => void;
  /** Takes the reader off. */
  readonly detach: () => void;
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

const endEvents: ReadonlySet<string> = new Set(['done', 'error']);

export function createLiveStream({ clock, unreadMilliseconds, maximumLength, onAbandoned }: LiveStreamOptions): LiveStream {
  const events: string[] = [];
  const readers = new Map<EventStream, () => void>();
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
      // The end is told all the same: a reader must not take what was cut for all.
      if (length > maximumLength && !endEvents.has(event)) return onAbandoned();
      events.push(text);
      for (const pump of readers.values()) pump();
    },
    end: () => {
      state = 'ended';
      cancelUnread();
      for (const pump of readers.values()) pump();
      readers.clear();
    },
    attach: (reader, after) => {
      let next = after;
      let told: 'open' | 'ended' = 'open';
      // A stream that has asked asks again only after it was given something, however much waits in it.
      let asked: 'asked' | 'given' = 'given';
      const pump = (): void => {
        if (told === 'ended') return;
        for (let text = events[next]; text !== undefined && (asked === 'asked' || reader.readable.readableLength < readerBytes); text = events[next]) {
          next += 1;
          asked = 'given';
          reader.sendText(text);
        }
        if (state === 'open' || next < events.length) return;
        told = 'ended';
        reader.end();
      };
      if (state === 'open') readers.set(reader, pump);
      cancelUnread();
      pump();
      const onRead = (): void => {
        asked = 'asked';
        pump();
      };
      return { onRead, detach: () => detach(reader) };
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
