/** How far a run is. Samples: questions that the agent is asked. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Neither passed nor failed. */
  readonly errored: number;
  /** Of those done, how many an earlier attempt had brought. */
  readonly resumed: number;
  readonly elapsedMs: number;
}

/** "312/500, 2 failed, 40 s left" */
export function progressLine({ done, total, failed, errored, resumed, elapsedMs }: Progress): string {
  const fresh = done - resumed;
  const left = fresh === 0 || done === total ? undefined : (elapsedMs / fresh) * (total - done);
  return [`${done}/${total}`, `${failed} failed`, ...(errored === 0 ? [] : [`${errored} errored`]), ...(left === undefined ? [] : [`${timeLeft(left)} left`])].join(', ');
}

function timeLeft(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
