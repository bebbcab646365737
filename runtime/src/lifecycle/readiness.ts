export type Phase = 'starting' | 'ready' | 'draining';

/** Whether this process should get traffic. It never asks the provider: an outage there must not depool every replica at once. */
export interface Readiness {
  readonly phase: () => Phase;
  readonly becomeReady: () => void;
  /** For good: a process that drains does not come back. */
  readonly beginDraining: () => void;
}

export function createReadiness(): Readiness {
  let phase: Phase = 'starting';
  return {
    phase: () => phase,
    becomeReady: () => {
      if (phase === 'starting') phase = 'ready';
    },
    beginDraining: () => {
      phase = 'draining';
    },
  };
}
