import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';

/**
 * `room`: it was idle, or nobody was let in on it, and a new one took its place. `refused`: there was no place for it among those of callers. `unread`: it asked
 * for more than it read.
 */
export type ClosedFor = 'room' | 'refused' | 'unread';

export interface ReportOptions {
  /** Connections that there may be. */
  readonly maximum: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onClosed: (why: ClosedFor) => void;
}

/** Between two log lines about closed connections. */
const quietMilliseconds = 60_000;

/** Counts, and tells of the first closed one at once, of those that follow once a minute. */
export function reportClosed({ clock, logger, maximum, onClosed }: ReportOptions): (why: ClosedFor) => void {
  let said = Number.NEGATIVE_INFINITY;
  let counts = { room: 0, refused: 0, unread: 0 };
  return (why) => {
    onClosed(why);
    counts[why] += 1;
    if (clock.now() - said < quietMilliseconds) return;
    said = clock.now();
    logger.warn({ closed_for_room: counts.room, refused: counts.refused, unread: counts.unread, maximum }, 'clients open more connections than this process takes, or do not read what they ask for: those that are not used longest, and on which nobody was let in, are closed');
    counts = { room: 0, refused: 0, unread: 0 };
  };
}
