import type { FastifyReply } from 'fastify';
import type { ActiveRequests } from '../lifecycle/active-requests.ts';
import { CallerLeft } from './problem.ts';

export interface CallerSignal {
  readonly controller: AbortController;
  /** After the response is made. */
  readonly dispose: () => void;
}

/** A signal that aborts when the caller closes the connection before it has its response, or when the server cuts it. `kind`: as of {@link ActiveRequests}. */
export function openCallerSignal(reply: FastifyReply, active: ActiveRequests, kind: 'work' | 'watch' = 'work'): CallerSignal {
  const controller = new AbortController();
  const remove = active.add(controller, kind);
  const onClose = (): void => {
    if (!reply.raw.writableFinished) active.giveUp(controller, new CallerLeft());
  };
  reply.raw.once('close', onClose);
  if (reply.raw.destroyed) onClose();
  return {
    controller,
    dispose: () => {
      remove();
      reply.raw.off('close', onClose);
    },
  };
}
