/** Time as a run sees it. */
export interface Clock {
  /** Milliseconds of a clock that never goes back; only differences mean anything. */
  readonly now: () => number;
  /** Runs `task` once after `milliseconds`. The returned function cancels it. */
  readonly after: (milliseconds: number, task: () => void) => () => void;
}
