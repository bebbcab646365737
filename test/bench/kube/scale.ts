/** How much work each measure does. */
export interface Scale {
  readonly streamEvents: number;
  readonly streamObjects: number;
  readonly paceSeconds: number;
  /** Objects of the list, start and memory measures. */
  readonly listObjects: number;
  readonly liveObjects: number;
  readonly liveEvents: number;
  readonly sequential: number;
  readonly concurrent: number;
  readonly idleSeconds: number;
  readonly idleObjects: number;
}

export const FULL: Scale = {
  streamEvents: 200_000, streamObjects: 1000, paceSeconds: 12, listObjects: 10_000, liveObjects: 200, liveEvents: 4000,
  sequential: 1000, concurrent: 4000, idleSeconds: 60, idleObjects: 20,
};

/** Minutes instead of an hour; the figures are coarser. */
export const QUICK: Scale = {
  streamEvents: 30_000, streamObjects: 1000, paceSeconds: 5, listObjects: 10_000, liveObjects: 200, liveEvents: 2000,
  sequential: 300, concurrent: 1000, idleSeconds: 20, idleObjects: 20,
};

/** Only shows that everything runs; its figures say nothing. */
export const TINY: Scale = {
  streamEvents: 200, streamObjects: 20, paceSeconds: 1, listObjects: 30, liveObjects: 10, liveEvents: 60,
  sequential: 10, concurrent: 40, idleSeconds: 1, idleObjects: 2,
};
